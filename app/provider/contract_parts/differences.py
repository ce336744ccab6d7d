"""What a draft changes, in words, by the fields of its forms."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.contracts.cut_offs import CutOff
from app.contracts.offered import PRIORITIES, OfferedItem, offered_items, offered_lines
from app.contracts.words import (
    PRIORITY_NAMES,
    SCOPE_LABELS,
    SHOWN_NAMES,
    STEP_NAMES,
    WEEKDAYS,
    cut_off_words,
)
from app.provider.contract_parts.part import Document
from app.provider.contract_parts.rules import RULES
from app.provider.contract_parts.targets import rows, written
from app.web.formats import money_text
from app.web.i18n import language, text
from billing.plans import CURRENCY
from tenants.core.text import _m

Said = dict[str, str]
_YES_NO: Mapping[bool, str] = {True: _m("Yes"), False: _m("No")}
_NAMED: Mapping[str, Mapping[Any, str]] = {
    "third_party_pauses": _YES_NO, "time_names": _YES_NO, "time_step": STEP_NAMES,
    "time_shown": SHOWN_NAMES,
}  # fmt: skip


def differences(before: Document, after: Document) -> list[tuple[str, str, str]]:
    """(what, before, after), each in the reader's words; a dash stands for nothing."""
    old, new = said(before), said(after)
    return [(name, old[name] or "–", new[name] or "–") for name in new if old[name] != new[name]]


def said(document: Document) -> Said:
    return dict([*_hours(document), *_items(document), *_targets(document), *_rules(document)])


def _hours(document: Document) -> Iterator[tuple[str, str]]:
    calendar = document["calendar"]
    for day, hours in zip(WEEKDAYS, calendar["week"], strict=True):
        yield text(day), hours
    yield text(_m("Time zone")), calendar["zone"].replace("_", " ")
    yield text(_m("Public holidays of")), f"{calendar['country']} {calendar['region']}".strip()
    half = [f"{day} {hours}" for day, hours in calendar["half_days"].items()]
    yield text(_m("Half days")), ", ".join(half)
    yield text(_m("We are closed on")), ", ".join(calendar["provider_closures"])
    yield text(_m("The client is closed on")), ", ".join(calendar["client_closures"])


def _items(document: Document) -> Iterator[tuple[str, str]]:
    for code, item in offered_items().items():
        found = document["items"].get(code, {"scope": "included", "quota": None})
        quota = "" if found["quota"] is None else f": {found['quota']}"
        yield text(item.title), text(SCOPE_LABELS[found["scope"]]) + quota
        yield text(_m("Inputs: %(item)s")) % {"item": text(item.title)}, _cut_off(found, item)


def _cut_off(found: Mapping[str, Any], item: OfferedItem) -> str:
    said = found.get("cut_off")
    return cut_off_words(CutOff(said["kind"], said["number"]), item) if said else ""


def _targets(document: Document) -> Iterator[tuple[str, str]]:
    found = {(one["line"], one["item"], one["priority"]): one for one in document["targets"]}
    for line, item, title in rows():
        for priority in PRIORITIES:
            one = found.get((line, item, priority))
            times = [written(one[name]) or "–" for name in ("first_response", "resolution")] \
                if one else []  # fmt: skip
            label = f"{text(_m('Targets'))}: {text(title)}"
            yield f"{label}, {text(PRIORITY_NAMES[priority])}", " / ".join(times)


def _rules(document: Document) -> Iterator[tuple[str, str]]:
    values: dict[str, Any] = dict(RULES.show(document))
    lines = offered_lines()
    for name, declared in RULES.form()().fields.items():
        label = text(str(declared.metadata.get("label", name)))
        kind, _, rest = name.partition("_")
        value = values.get(name)
        if kind in ("limit", "base") and rest in lines:
            heading = _m("Two people approve above") if kind == "limit" else _m("Base of credits")
            shown = "" if value is None else money_text(value, CURRENCY, language())
            yield f"{text(heading)}: {label}", shown
        elif kind == "rate":
            yield f"{text(_m('Credit per missed target'))}: {label}", f"{value} %" if value else ""
        elif name == "cap":
            yield label, f"{value} %" if value else ""
        elif name in _NAMED:
            yield label, text(_NAMED[name][value])
        elif name != "revision":
            yield label, "" if value is None else str(value)
