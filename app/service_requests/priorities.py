"""Priority from impact and urgency; the client proposes, the provider confirms."""

from collections.abc import Mapping

from tenants.core.text import _m

IMPACTS: Mapping[str, str] = {
    "low": _m("One person, or little depends on it"),
    "normal": _m("A team, or a part of the business"),
    "high": _m("The whole company, money or the law"),
}
URGENCIES: Mapping[str, str] = {
    "low": _m("It can wait"),
    "normal": _m("In the usual time"),
    "high": _m("It stops us now"),
}
_WEIGHTS: Mapping[str, int] = {"low": 0, "normal": 1, "high": 2}
_BY_WEIGHT = ("low", "low", "normal", "high", "urgent")


def priority_of(impact: str, urgency: str) -> str:
    return _BY_WEIGHT[_WEIGHTS[impact] + _WEIGHTS[urgency]]


def until_confirmed(proposed: str) -> str:
    """What a client's proposal counts for meanwhile: urgent needs the provider's word."""
    return "high" if proposed == "urgent" else proposed
