"""Which countries the common system of VAT knows, and the places in them that it doesn't.

Directive 2006/112/EC, articles 5 to 7.
"""

from collections.abc import Mapping

MEMBERS = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
# Transactions from and to Monaco count as from and to France (article 7).
AS = {"MC": "FR"}
# The overseas departments in which France levies VAT at rates of its own (CGI 294, 296).
OVERSEAS = frozenset({"GP", "MQ", "RE"})
# The beginning of a postcode that says more than the country written above it (article 6, and
# French overseas places, whose addresses often say France).
BY_POSTCODE: Mapping[str, Mapping[str, str]] = {
    "FR": {
        "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL",
        "978": "MF", "980": "MC", "984": "TF", "986": "WF", "987": "PF", "988": "NC",
    },
    # The Canary Islands, Ceuta and Melilla.
    "ES": {"35": "IC", "38": "IC", "51": "EA", "52": "EA"},
    # Heligoland and Büsingen.
    "DE": {"27498": "DE-HE", "78266": "DE-BU"},
    # Livigno.
    "IT": {"23041": "IT-LI"},
    # Mount Athos.
    "GR": {"63086": "GR-AT"},
    # The Åland Islands.
    "FI": {"22": "AX"},
}  # fmt: skip
# The letters before a VAT number, where they aren't the country's code. Northern Ireland's XI is
# for goods: its services are those of the United Kingdom.
PREFIXES = {"GR": "EL"}


def territory(country: str, postcode: str = "") -> str:
    """As VAT sees it: a member state, an overseas department, or any other code, which is outside."""
    country = country.upper()
    bare = "".join(char for char in postcode if char.isalnum())
    for beginning, place in BY_POSTCODE.get(country, {}).items():
        if bare.startswith(beginning):
            country = place
            break
    return AS.get(country, country)


def is_in_french_reform(country: str, postcode: str = "") -> bool:
    """Whether companies there are bound by French e-invoicing: where France levies its VAT. Monaco
    levies it too, but its companies are none of France's directory (CGI 289 bis)."""
    return country.upper() not in AS and territory(country, postcode) in {"FR", *OVERSEAS}


def is_member(place: str) -> bool:
    return place in MEMBERS


def prefix_of(country: str) -> str:
    """A VAT number's first letters. Monaco's companies have French ones, and so do the overseas
    departments."""
    place = "FR" if country in OVERSEAS else AS.get(country, country)
    return PREFIXES.get(place, place)
