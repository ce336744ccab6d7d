"""What a request's states, times and events look like; no statement goes to the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.catalogue.memory import ITEMS
from app.service_requests.models import Question, RequestMove
from app.service_requests.page_queries import Conversation
from app.service_requests.pills import Pill, Say
from app.service_requests.transitions import CLIENT_STATES, STATES, seen_by
from app.web.formats import time_left
from app.web.i18n import local_formats, text
from tenants.core.text import _m

LOOKS: Mapping[str, tuple[str, str]] = {
    "new": ("inbox", "info"),
    "quote_needed": ("receipt-2", "wait"),
    "planned": ("calendar-event", "info"),
    "assigned": ("user-check", "info"),
    "in_progress": ("progress-check", "info"),
    "waiting_client": ("hand-stop", "wait"),
    "waiting_third_party": ("building-bank", "wait"),
    "on_hold_provider": ("clock-pause", "warn"),
    "in_review": ("eye", ""),
    "awaiting_approval": ("signature", "wait"),
    "delivered": ("package-export", "good"),
    "reopened": ("repeat", "warn"),
    "closed": ("circle-check", ""),
    "cancelled": ("circle-x", ""),
    "rejected": ("ban", ""),
    "merged": ("arrow-merge", ""),
    "duplicate": ("copy", ""),
}
# The client has to act: from their own seat these are warnings, not pauses.
CLIENT_TURN = ("quote_needed", "waiting_client", "awaiting_approval", "delivered")
VERBS: Mapping[str, tuple[str, str]] = {
    "raise": ("flag", _m("raised the request")),
    "quote": ("receipt-2", _m("sent an offer")),
    "accept_quote": ("signature", _m("accepted the offer")),
    "decline_quote": ("x", _m("declined the offer")),
    "withdraw_quote": ("arrow-back-up", _m("withdrew the offer")),
    "cover": ("hand-stop", _m("took it as covered by the contract")),
    "plan": ("calendar-event", _m("planned the request")),
    "fall_due": ("calendar-event", _m("the planned day has come")),
    "split": ("arrows-split", _m("made a part of it a request of its own")),
    "reclassify": ("tags", _m("changed the kind of request")),
    "prioritise": ("flag", _m("changed the priority")),
    "reject": ("ban", _m("rejected the request")),
    "merge": ("arrow-merge", _m("merged it into another request")),
    "absorb": ("arrow-merge", _m("merged another request into this one")),
    "duplicate": ("copy", _m("marked it as a duplicate")),
    "wait": ("building-bank", _m("waits for somebody else")),
    "hold": ("clock-pause", _m("put the work on hold")),
    "resume": ("player-play", _m("went on with the work")),
    "deliver": ("package-export", _m("finished the work")),
    "lapse": ("circle-check", _m("closed it after 5 business days without an objection")),
    "reopen": ("repeat", _m("reopened the request")),
    "assign": ("user-check", _m("took the request")),
    "undo": ("arrow-back-up", _m("took back the last step")),
    "hand_back": ("arrow-back-up", _m("put it back into the queue")),
    "start": ("player-play", _m("started the work")),
    "ask": ("hand-stop", _m("asked the client; the work waits")),
    "answer": ("message-2", _m("answered; the work goes on")),
    "withdraw": ("arrow-back-up", _m("withdrew what was asked; the work goes on")),
    "submit": ("eye", _m("handed it over for the quality check")),
    "return": ("repeat", _m("continued the work after the quality check")),
    "pass": ("shield-check", _m("finished the quality check")),
    "approve": ("signature", _m("approved")),
    "approve_first": ("signature", _m("approved; a second person has to")),
    "expire_approval": ("clock-exclamation", _m("the time for the approval is over")),
    "ask_approval_again": ("refresh", _m("asked for the approval again")),
    "refuse": ("x", _m("refused")),
    "close": ("circle-check", _m("confirmed and closed")),
    "cancel": ("circle-x", _m("cancelled")),
}
MINUTES_OF_TWO_DAYS = 48 * 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the conversation. `kind`: client, ours, note, question, system."""

    kind: str
    author: str
    at: datetime
    text: str
    id: str = ""
    tag: str = ""
    icon: str = ""
    files: Sequence[Any] = ()
    answer: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    note: str = ""
    fresh: bool = False
    guest: bool = False
    mail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the history; the names are those of the timeline macro."""

    who: str
    text: str
    at: datetime
    icon: str
    note: str = ""


def subject_of(item_code: str, title: str) -> str:
    """An item without a subject of its own is named by itself: “Payment control 2026-10”."""
    item = ITEMS.get(item_code)
    if item is None or item.titled:
        return title
    return f"{text(item.title)} {title}".strip()


def item_title(item_code: str) -> str:
    item = ITEMS.get(item_code)
    return text(item.title) if item else item_code


def state_pill(state: str, side: str) -> Pill:
    state = seen_by(side, state)
    icon, tone = LOOKS.get(state, ("circle-dot", ""))
    label = STATES[state]
    if side == "client":
        label = CLIENT_STATES.get(state, label)
        tone = "warn" if state in CLIENT_TURN else tone
    return Pill(text(label), icon, tone)


@lru_cache
def states_of(side: str, language: str) -> Sequence[tuple[str, str]]:
    """The states that this side knows, by name; `language` is that of the reader in scope."""
    return [(code, state_pill(code, side).label) for code in STATES if seen_by(side, code) == code]


def span(minutes: int, say: Say = text) -> str:
    """Time left or passed; from two days on in days."""
    if abs(minutes) < MINUTES_OF_TWO_DAYS:
        return time_left(minutes)
    days = say(_m("%(days)s d")) % {"days": abs(minutes) // 1440}
    return f"−\u00a0{days}" if minutes < 0 else days


def thread(found: Conversation, *, seen: datetime | None = None) -> list[Entry]:
    """Messages, questions with their answers, notes and decisions, oldest first.

    What came after `seen` is marked as fresh.
    """
    files: dict[Any, list[Any]] = {}
    for row in found.files:
        files.setdefault(row.message_id, []).append(row)
    entries = [
        Entry(
            kind="client" if row.author_side == "client" else "ours",
            author=row.author_name, at=row.at, text=row.body, id=f"m-{row.id}",
            files=files.get(row.id, []), fresh=_after(row.at, seen), mail=row.mail,
            guest=row.by_guest,
        )
        for row in found.messages
    ]  # fmt: skip
    entries += [
        Entry(
            kind="question", author=row.asked_by_name, at=row.asked_at, text=row.body,
            id=f"q-{row.id}", answer=row.answer, answered_at=row.answered_at,
            answered_by=row.answered_by_name,
            note=_withdrawn(row),
            fresh=_after(row.answered_at or row.asked_at, seen),
        )
        for row in found.questions
    ]  # fmt: skip
    entries += [
        Entry(
            kind="note", author=row.author_name, at=row.at, text=row.body, id=f"n-{row.id}",
            tag=text(_m("Internal note")), icon="lock", fresh=_after(row.at, seen),
        )
        for row in found.notes
    ]  # fmt: skip
    entries += [
        Entry(
            kind="note", author=row.reviewer_name, at=row.at, text=row.findings,
            id=f"v-{row.id}", tag=text(_m("Findings of the quality check")), icon="eye",
            fresh=_after(row.at, seen),
        )
        for row in found.reviews
        if row.findings
    ]  # fmt: skip
    entries += [_decision(row, seen) for row in found.approvals]
    return sorted(entries, key=lambda one: (one.at, one.id))


def _withdrawn(row: Question) -> str:
    if row.moved_to is not None:
        return text(_m("Asked in #%(number)s instead"), {"number": row.moved_to})
    return text(_m("Withdrawn")) if row.withdrawn_at else ""


def _decision(row: Any, seen: datetime | None) -> Entry:
    approved = row.decision == "approved"
    return Entry(
        kind="client", author=row.approver_name, at=row.at, text=row.reason,
        id=f"a-{row.id}", icon="signature" if approved else "x", tag=_decided(row, approved),
        note=row.sha256 if approved else "", fresh=_after(row.at, seen),
    )  # fmt: skip


def _decided(row: Any, approved: bool) -> str:
    if row.voice_name:
        words = _m("Approved for %(name)s") if approved else _m("Refused for %(name)s")
        return text(words, {"name": row.voice_name})
    return text(_m("Approved")) if approved else text(_m("Refused"))


def seen_moves(moves: Sequence[RequestMove], side: str) -> list[RequestMove]:
    """Without steps between states that are one to this side."""
    return [
        row
        for row in moves
        if row.source is None or row.source == row.target
        or seen_by(side, row.source) != seen_by(side, row.target)
    ]  # fmt: skip


def move_event(row: RequestMove, side: str) -> Event:
    icon, words = _step(row, side)
    return Event(who=row.actor_name, text=text(words), at=row.at, icon=icon, note=_reason(row))


def history(moves: Sequence[RequestMove], side: str) -> list[Event]:
    return [move_event(row, side) for row in seen_moves(moves, side)]


def _step(row: RequestMove, side: str) -> tuple[str, str]:
    if seen_by(side, row.target) != row.target:
        return VERBS["resume"]
    return VERBS.get(row.verb, ("circle-dot", row.verb))


def _reason(row: RequestMove) -> str:
    """A plan's is its day."""
    if row.verb != "plan" or not row.reason:
        return row.reason
    return local_formats().date(datetime.fromisoformat(f"{row.reason}T12:00:00+00:00"))


def news(found: Conversation, seen: datetime | None, side: str) -> list[Event]:
    """What happened since the reader's page was made, for the stop on a stale form."""
    if seen is None:
        return []
    fresh = [event for event in history(found.moves, side) if event.at > seen]
    fresh += [
        Event(row.author_name, text(_m("wrote a message")), row.at, "message-2")
        for row in found.messages
        if row.at > seen
    ]
    fresh += [
        Event(row.author_name, text(_m("wrote an internal note")), row.at, "lock")
        for row in found.notes
        if row.at > seen
    ]
    fresh += [
        Event(row.added_by_name, text(_m("attached “%(title)s”"), {"title": row.title}),
              row.at, "package")
        for row in found.deliverables
        if row.at > seen
    ]  # fmt: skip
    return sorted(fresh, key=lambda one: one.at)


def _after(at: datetime, seen: datetime | None) -> bool:
    return seen is not None and at > seen
