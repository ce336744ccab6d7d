"""What the steps of a report are called."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from tenants.core.text import _m

Look = tuple[str, str, str]
LOOKS: Mapping[str, Look] = {
    "prepared": (_m("To write"), "edit", "warn"),
    "written": (_m("To check"), "eye", "warn"),
    "reviewed": (_m("To send"), "send", "info"),
    "sent": (_m("Sent"), "mail-forward", "info"),
    "acknowledged": (_m("Acknowledged"), "circle-check", "good"),
}
CLIENT_LOOKS: Mapping[str, Look] = {
    "sent": (_m("New"), "mail", "warn"),
    "acknowledged": LOOKS["acknowledged"],
}
LANGUAGE_NAMES: Mapping[str, str] = {
    "fr": _m("French"),
    "de": _m("German"),
    "en": _m("English"),
}


class Stepped(Protocol):
    @property
    def state(self) -> str: ...
    @property
    def written_at(self) -> datetime | None: ...


def step_of(report: Stepped) -> str:
    if report.state == "draft":
        return "written" if report.written_at else "prepared"
    return report.state


def look_of(report: Stepped, side: str) -> Look:
    step = step_of(report)
    return CLIENT_LOOKS.get(step, LOOKS[step]) if side == "client" else LOOKS[step]
