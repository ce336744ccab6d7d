"""Countries to choose from, as people read them."""

from functools import cache

from babel import Locale

from app.directory.checking import countries

# The neighbourhood comes before the alphabet.
_FIRST = ("FR", "DE", "BE", "CH", "LU", "AT", "NL", "IT", "ES")


@cache
def country_choices(language: str) -> list[tuple[str, str]]:
    names = Locale(language).territories
    return sorted(
        ((code, str(names.get(code, code))) for code in countries()),
        key=lambda one: (_FIRST.index(one[0]) if one[0] in _FIRST else len(_FIRST), one[1]),
    )
