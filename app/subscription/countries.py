"""Every country that an invoice can go to, by its name."""

from babel import Locale

FIRST = ("FR", "DE")
# Groups, tests and places without an ISO code of their own.
NONE = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "IC", "EA", "AC", "CP", "DG", "TA", "CQ", "XK"}
CODES = sorted(
    code
    for code in map(str, Locale("en").territories)
    if len(code) == 2 and code.isalpha() and code not in NONE
)


def country_choices(language: str) -> list[tuple[str, str]]:
    names = {code: country_name(code, language) for code in CODES}
    rest = sorted((code for code in CODES if code not in FIRST), key=lambda code: names[code])
    return [(code, names[code]) for code in (*FIRST, *rest)]


def country_name(code: str, language: str) -> str:
    return str(Locale.parse(language).territories.get(code, code))
