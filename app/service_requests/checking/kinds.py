"""What can be wrong with a result: a short list for every line, and what its line adds."""

from collections.abc import Mapping

from tenants.core.text import _m

_COMMON: Mapping[str, str] = {
    "missing": _m("Something is missing"),
    "wrong_fact": _m("A figure, date or fact is wrong"),
    "wrong_party": _m("Wrong person, company or address"),
    "client_rule": _m("A rule of this client was not followed"),
    "no_proof": _m("Source or proof is missing"),
    "wording": _m("Language or tone"),
    "layout": _m("Layout, format or file"),
}
_OF_LINE: Mapping[str, Mapping[str, str]] = {
    "administration": {"deadline": _m("A deadline is missed or not named")},
    "finance": {
        "tax": _m("VAT or account is wrong"),
        "match": _m("A payment is assigned wrongly"),
    },
    "hr": {
        "pay": _m("Pay, hours or contributions are wrong"),
        "confidential": _m("It shows what the reader may not see"),
    },
    "sales": {"price": _m("Price or terms are wrong")},
    "logistics": {"quantity": _m("Quantity, weight or place is wrong")},
    "legal": {"clause": _m("A clause or reference is wrong")},
    "quality": {"requirement": _m("A requirement is not met")},
    "it": {"access": _m("Access or security is wrong")},
    "production": {"batch": _m("Batch or recipe is wrong")},
    "projects": {"deadline": _m("A deadline is missed or not named")},
    "marketing": {"rights": _m("Rights to a text or picture are not clear")},
}
_OTHER: Mapping[str, str] = {"other": _m("Something else")}

SEVERITIES: Mapping[str, str] = {
    "minor": _m("Minor: can go out, but should be better"),
    "major": _m("Major: must not go out like this"),
    "critical": _m("Critical: would harm the client"),
}
# As a mark beside a finding: its word, icon and tone.
MARKS: Mapping[str, tuple[str, str, str]] = {
    "minor": (_m("Minor"), "circle-dot", ""),
    "major": (_m("Major"), "alert-triangle", "warn"),
    "critical": (_m("Critical"), "flame", "bad"),
}


def kinds_of(line: str) -> dict[str, str]:
    return {**_OF_LINE.get(line, {}), **_COMMON, **_OTHER}


# Every kind of every line, for figures over several.
KINDS: Mapping[str, str] = {
    code: label for line in _OF_LINE for code, label in kinds_of(line).items()
}
