"""The places of a text module: what they are filled with is known when it is inserted."""

import re
from collections.abc import Mapping, Sequence

from tenants.core.text import _m

PLACES: Mapping[str, str] = {
    "client": _m("the client's name"),
    "contact": _m("who raised the request"),
    "number": _m("its number"),
    "title": _m("its title"),
    "due": _m("when it is due"),
    "operator": _m("your name"),
}
_PLACE = re.compile(r"\{([^{}\n]*)\}")


def unknown(body: str) -> Sequence[str]:
    """What stands in braces and is no place."""
    return [name for name in dict.fromkeys(_PLACE.findall(body)) if name not in PLACES]


def filled(body: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), body)
