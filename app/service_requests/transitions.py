"""The one table of a request's states and moves; services obey it, screens and docs draw it.

A form that the client hasn't sent yet is a draft of its own, not a request: it has no number, no
clock, and no operator sees it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenants.core.text import _m

STATES: dict[str, str] = {
    "new": _m("Received"),
    "quote_needed": _m("Offer sent"),
    "planned": _m("Planned"),
    "assigned": _m("Assigned"),
    "in_progress": _m("In progress"),
    "waiting_client": _m("Waiting for client"),
    "waiting_third_party": _m("Waiting for others"),
    "on_hold_provider": _m("On hold"),
    "in_review": _m("In quality check"),
    "awaiting_approval": _m("Awaiting approval"),
    "delivered": _m("Delivered"),
    "reopened": _m("Reopened"),
    "closed": _m("Closed"),
    "cancelled": _m("Cancelled"),
    "rejected": _m("Rejected"),
    "merged": _m("Merged"),
    "duplicate": _m("Duplicate"),
}
# What the client reads instead, where it differs.
CLIENT_STATES: dict[str, str] = {
    "quote_needed": _m("Offer to accept"),
    "waiting_client": _m("Your turn"),
    "awaiting_approval": _m("Please approve"),
    "delivered": _m("Done, please confirm"),
}
# Our own reasons to wait are our own: to the client they are another state.
CLIENT_SEES: Mapping[str, str] = {"on_hold_provider": "in_progress"}
# An operator has it in hand: results and matches may change.
WORKING = ("assigned", "in_progress")
ENDED = ("closed", "cancelled", "rejected", "merged", "duplicate")
OPEN = tuple(state for state in STATES if state not in ENDED)

# First response and resolution. "off" counts nothing until another state starts it; a first
# response once given stays given, but for a reopened request, which asks for a new one.
CLOCKS: Mapping[str, tuple[str, str]] = {
    "new": ("runs", "runs"),
    "quote_needed": ("stopped", "off"),
    "planned": ("stopped", "runs"),
    "assigned": ("stopped", "runs"),
    "in_progress": ("stopped", "runs"),
    "waiting_client": ("stopped", "paused"),
    "waiting_third_party": ("stopped", "paused"),
    "on_hold_provider": ("stopped", "runs"),
    "in_review": ("stopped", "runs"),
    "awaiting_approval": ("stopped", "paused"),
    "delivered": ("stopped", "stopped"),
    "reopened": ("runs", "runs"),
    **dict.fromkeys(ENDED, ("stopped", "stopped")),
}
# Paused in these only where the client's contract says so; else the resolution clock runs.
PAUSED_BY_CONTRACT = ("waiting_third_party",)
# The client has the ball: nothing of ours is late meanwhile.
PAUSED = tuple(
    state for state, (_, resolution) in CLOCKS.items()
    if resolution in ("paused", "off") and state not in PAUSED_BY_CONTRACT
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transition:
    """`who`: 'client', 'provider' or 'system'; `condition` is said in words for the screens."""

    verb: str
    source: str
    target: str
    who: str
    permission: str
    condition: str = ""


def _from(
    sources: Iterable[str], verb: str, target: str, who: str, permission: str, condition: str = ""
) -> tuple[Transition, ...]:
    return tuple(Transition(verb, one, target, who, permission, condition) for one in sources)


_REASON = _m("a reason is given")

_BEFORE_WORK = ("new", "quote_needed", "planned", "assigned")
_HELD = ("waiting_third_party", "on_hold_provider")
_WORKABLE = ("planned", *WORKING, *_HELD, "reopened")
_STOPPABLE = (*_BEFORE_WORK, "in_progress", "waiting_client", *_HELD, "in_review",
              "awaiting_approval", "reopened")  # fmt: skip
_NAMED = _m("the other request of this client is named")
_TEN_DAYS = _m("within 10 business days after delivery; a reason is given")

TRANSITIONS: tuple[Transition, ...] = (
    # Intake: an answer, an offer, a date, or an end.
    Transition("quote", "new", "quote_needed", "provider", "request.work",
               _m("out of scope, or the quota is used up; a price is offered")),
    *_from(("quote_needed",), "accept_quote", "assigned", "client", "request.approve",
           _m("the price is accepted")),
    *_from(("quote_needed",), "accept_quote", "planned", "client", "request.approve",
           _m("the price is accepted; the offer has a start date")),
    Transition("decline_quote", "quote_needed", "cancelled", "client", "request.approve", _REASON),
    Transition("withdraw_quote", "quote_needed", "assigned", "provider", "request.work",
               _m("the offer is withdrawn: the work is in scope after all")),
    *_from(("new", "planned", "reopened"), "assign", "assigned", "provider", "request.work",
           _m("the operator has a live grant on the line")),
    *_from(("new", "assigned"), "plan", "planned", "provider", "request.work",
           _m("a start date in the future is named")),
    Transition("fall_due", "planned", "assigned", "system", "request.work",
               _m("its start date has come")),
    *_from(("new", "assigned"), "reject", "rejected", "provider", "request.review",
           _m("a reason is given; the client reads it")),
    *_from(("new", "assigned"), "merge", "merged", "provider", "request.work", _NAMED),
    *_from(("new", "assigned"), "duplicate", "duplicate", "provider", "request.work", _NAMED),
    # Work, and what it waits for.
    *_from(("assigned", "planned", "reopened"), "start", "in_progress", "provider",
           "request.work"),
    *_from(_WORKABLE, "ask", "waiting_client", "provider", "request.work",
           _m("a question or a document request to the client is open")),
    Transition("ask", "new", "waiting_client", "system", "request.work",
               _m("recurring work begins with what the client is asked for")),
    Transition("answer", "waiting_client", "in_progress", "client", "request.answer",
               _m("every question is answered, every document is there")),
    Transition("withdraw", "waiting_client", "in_progress", "provider", "request.work",
               _m("every question is answered or withdrawn")),
    *_from((*WORKING, "reopened", "on_hold_provider"), "wait", "waiting_third_party", "provider",
           "request.work", _m("whom it waits for and why is named")),
    *_from((*WORKING, "reopened", "waiting_third_party"), "hold", "on_hold_provider", "provider",
           "request.work", _REASON),
    *_from(_HELD, "resume", "in_progress", "provider", "request.work"),
    # Results, checked and approved.
    Transition("submit", "in_progress", "in_review", "provider", "request.work",
               _m("a deliverable is attached, time is recorded, the checklist is complete, "
                  "findings are fixed")),
    Transition("deliver", "in_progress", "awaiting_approval", "provider", "request.work",
               _m("as for the quality check, for which the sample doesn't draw it; the item needs approval")),
    Transition("deliver", "in_progress", "delivered", "provider", "request.work",
               _m("as for the quality check, for which the sample doesn't draw it; no approval is needed")),
    Transition("return", "in_review", "in_progress", "provider", "request.review",
               _m("findings are noted; the reviewer is not the preparer")),
    Transition("pass", "in_review", "awaiting_approval", "provider", "request.review",
               _m("the item needs approval; the reviewer is not the preparer")),
    Transition("pass", "in_review", "delivered", "provider", "request.review",
               _m("the item needs no approval; the reviewer is not the preparer")),
    Transition("approve", "awaiting_approval", "delivered", "client", "request.approve",
               _m("second factor; bound to the SHA-256 shown; as many people as agreed")),
    Transition("refuse", "awaiting_approval", "in_progress", "client", "request.approve", _REASON),
    # The end, and back from it.
    Transition("close", "delivered", "closed", "client", "request.answer"),
    Transition("lapse", "delivered", "closed", "system", "request.answer",
               _m("5 business days without an objection")),
    *_from(("delivered", "closed"), "reopen", "reopened", "client", "request.answer", _TEN_DAYS),
    *_from(_BEFORE_WORK, "cancel", "cancelled", "client", "request.raise",
           _m("work has not begun; a reason is given")),
    *_from(_STOPPABLE, "cancel", "cancelled", "provider", "request.review",
           _m("a reason is given; work done so far is billed")),
)  # fmt: skip


def seen_by(side: str, state: str) -> str:
    """`side` may be 'guest', too: who sees what the client sees, but is not asked to act."""
    return CLIENT_SEES.get(state, state) if side in ("client", "guest") else state


def states_seen_as(side: str, state: str) -> list[str]:
    """Every state that this side reads as the given one."""
    return [one for one in STATES if seen_by(side, one) == state]


def find_transition(
    verb: str, source: str, target: str | None = None, *, who: str | None = None
) -> Transition | None:
    """`who` is the side that acts; the system may do what either side may."""
    for move in TRANSITIONS:
        if (move.verb, move.source) != (verb, source) or target not in (None, move.target):
            continue
        if who in (None, "system", move.who):
            return move
    return None
