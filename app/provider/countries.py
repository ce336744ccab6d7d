"""The countries that a client company can be of, with the time zone that is usual there."""

from collections.abc import Mapping

from babel import Locale

ZONES: Mapping[str, str] = {
    "FR": "Europe/Paris", "DE": "Europe/Berlin", "AT": "Europe/Vienna", "BE": "Europe/Brussels",
    "BG": "Europe/Sofia", "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DK": "Europe/Copenhagen",
    "EE": "Europe/Tallinn", "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "GR": "Europe/Athens",
    "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IT": "Europe/Rome",
    "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MT": "Europe/Malta",
    "NL": "Europe/Amsterdam", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon",
    "RO": "Europe/Bucharest", "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava",
}  # fmt: skip
FIRST = ("FR", "DE")
# The VAT number's first letters where they aren't the country's code.
VAT_PREFIXES = {"GR": "EL"}


def country_choices(language: str) -> list[tuple[str, str]]:
    """(code, name in this language): the two main ones first, the rest by name."""
    names = Locale.parse(language).territories
    rest = sorted((code for code in ZONES if code not in FIRST), key=lambda code: names[code])
    return [(code, str(names[code])) for code in (*FIRST, *rest)]


def country_name(code: str, language: str) -> str:
    return str(Locale.parse(language).territories.get(code, code))
