"""The acts behind a request's menu: how they are called and explained, what they offer to choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.auth.current import current_identity
from app.catalogue.lines import LINES
from app.catalogue.memory import offered_items
from app.service_requests.away_words import absences_before, away_choice
from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest
from app.service_requests.page_queries import Conversation
from app.service_requests.services.assigning import list_colleagues
from app.web.i18n import local_formats, text
from tenants.core.text import _m
from tenants.permissions import Actor

Choices = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class MenuAct:
    """`name` is the verb, the form and, in the address, `?act=`; `path` is where it is sent."""

    name: str
    icon: str
    label: str
    explained: str
    button: str
    path: str = ""
    danger: bool = False

    @property
    def sends_to(self) -> str:
        return self.path or self.name


ACTS: Sequence[MenuAct] = (
    MenuAct("plan", "calendar-event", _m("Plan for a day"),
            _m("It leaves the queue until that day, then it comes back by itself."), _m("Plan it")),
    MenuAct("assign_to", "user-plus", _m("Give to somebody"),
            _m("Only people with a grant on this line of this client are offered."),
            _m("Give"), "assign-to"),
    MenuAct("unassign", "user-minus", _m("Put back into the queue"),
            _m("It keeps its state; the operators of the line see that nobody has it."),
            _m("Put back")),
    MenuAct("wait", "building-bank", _m("Wait for somebody else"),
            _m("A bank, an authority, a supplier. Whether the clock stands still meanwhile, the "
               "client's contract says."), _m("Wait")),
    MenuAct("hold", "clock-pause", _m("Put on hold"),
            _m("For a reason of our own: the clock goes on."), _m("Put on hold")),
    MenuAct("priority", "flag", _m("Set the priority"),
            _m("What is due counts anew from the start."), _m("Set")),
    MenuAct("kind", "tags", _m("Change the kind"),
            _m("Another line has other readers at the client and here; an operator without a grant "
               "on it loses the request."), _m("Change")),
    MenuAct("split", "arrows-split", _m("Split"),
            _m("A part of it becomes a request of its own, linked with this one. What goes along "
               "stays readable here too."), _m("Make the new request")),
    MenuAct("link", "link", _m("Link"),
            _m("The two stay what they are, and each shows the other."), _m("Link")),
    MenuAct("merge", "arrow-merge", _m("Merge into another request"),
            _m("The work goes on there, with the files, the recorded time and the followers of "
               "this one and the earlier start of the two. This one ends."), _m("Merge"), danger=True),
    MenuAct("duplicate", "copy", _m("Mark as a duplicate"),
            _m("The same was asked in another request, perhaps one that is done. This one ends; its "
               "files, time and followers go there."), _m("Mark as a duplicate"), danger=True),
    MenuAct("reject", "ban", _m("Reject"),
            _m("We don't take it on. The request ends, and the client is told why."),
            _m("Reject the request"), danger=True),
    MenuAct("propose", "flag", _m("Propose a priority"),
            _m("The provider confirms it. “Urgent” counts as high until then."), _m("Propose")),
    MenuAct("reopen", "repeat", _m("Reopen"),
            _m("Tell what is not right: the work goes on, with the time that it used already."),
            _m("Reopen the request")),
    MenuAct("follow_up", "plus", _m("Raise a follow-up request"),
            _m("The days for reopening are over. A new request begins, linked with this one."),
            _m("Raise the request"), "follow-up"),
    MenuAct("cancel", "circle-x", _m("Cancel this request"),
            _m("The request ends without a result. Time recorded as billable until now is billed."),
            _m("Cancel the request"), danger=True),
)  # fmt: skip
BY_NAME = {one.name: one for one in ACTS}


def menu_of(may: frozenset[str]) -> list[MenuAct]:
    return [one for one in ACTS if one.name in may]


def choices_of(
    name: str, *, request: ServiceRequest, actor: Actor, now: datetime, found: Conversation
) -> Choices:
    """What only this request's page can offer."""
    if name == "assign_to":
        return {"assignee": _colleagues(request, now)}
    if name == "kind":
        return {"item": _kinds(request, actor)}
    return _to_split(request, found) if name == "split" else {}


def _colleagues(request: ServiceRequest, now: datetime) -> Sequence[tuple[str, str]]:
    found = [
        one for one in list_colleagues(line=request.line, now=now)
        if one.user_id != request.assignee_id
    ]  # fmt: skip
    away = absences_before(request.due_at, user_ids=[one.user_id for one in found], now=now)
    return [
        (str(one.user_id), away_choice(one.name, away.get(one.user_id))) for one in found
    ]  # fmt: skip


def _kinds(request: ServiceRequest, actor: Actor) -> list[tuple[str, str]]:
    identity = current_identity()
    if item_of(request).job is not None or identity is None or identity.tenant is None:
        return []
    return [
        (item.code, f"{text(LINES[item.line])}: {text(item.title)}")
        for item in offered_items(identity.tenant.country)
        if item.job is None and item.code != request.item and actor.can("request.work", item.line)
    ]


def _to_split(request: ServiceRequest, found: Conversation) -> Choices:
    shown = local_formats()

    def say(row: Any, who: str, words: str, at: datetime) -> tuple[str, str]:
        short = " ".join(words.split())
        when = shown.datetime(at)
        return str(row.id), f"{who}, {when}: {short[:80]}{'…' if len(short) > 80 else ''}"

    return {
        "asked": [
            say(row, row.asked_by_name, row.body, row.asked_at)
            for row in found.questions
            if row.is_open and row.request_id == request.id
        ]
        + [
            (str(row.id), text(_m("Document: %(name)s"), {"name": row.name}))
            for row in found.documents
            if row.is_open
        ],
        "messages": [say(row, row.author_name, row.body, row.at) for row in found.messages],
        "questions": [
            say(row, row.asked_by_name, row.body, row.asked_at)
            for row in found.questions
            if not row.is_open
        ],
        "files": [(str(row.id), row.name) for row in found.files if row.message_id is None],
    }
