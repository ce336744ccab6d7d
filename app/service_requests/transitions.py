"""The one table of a request's states and moves; services obey it, screens and docs draw it."""

from dataclasses import dataclass

from tenants.core.text import _m

STATES: dict[str, str] = {
    "new": _m("Received"),
    "assigned": _m("Assigned"),
    "in_progress": _m("In progress"),
    "waiting_client": _m("Waiting for client"),
    "in_review": _m("In quality check"),
    "awaiting_approval": _m("Awaiting approval"),
    "delivered": _m("Delivered"),
    "closed": _m("Closed"),
    "cancelled": _m("Cancelled"),
}
# What the client reads instead, where it differs.
CLIENT_STATES: dict[str, str] = {
    "waiting_client": _m("Your turn"),
    "awaiting_approval": _m("Please approve"),
    "delivered": _m("Done, please confirm"),
}
WORKING = ("assigned", "in_progress")
# The client has the ball: nothing of ours is late meanwhile.
PAUSED = ("waiting_client", "awaiting_approval")
ENDED = ("closed", "cancelled")
OPEN = tuple(state for state in STATES if state not in ENDED)


@dataclass(frozen=True, slots=True)
class Transition:
    """`who`: 'client', 'provider' or 'system'; `condition` is said in words for the screens."""

    verb: str
    source: str
    target: str
    who: str
    permission: str
    condition: str = ""


TRANSITIONS: tuple[Transition, ...] = (
    Transition("assign", "new", "assigned", "provider", "request.work"),
    Transition("start", "assigned", "in_progress", "provider", "request.work"),
    Transition("ask", "assigned", "waiting_client", "provider", "request.work",
               _m("a question to the client is open")),
    Transition("ask", "in_progress", "waiting_client", "provider", "request.work",
               _m("a question to the client is open")),
    Transition("answer", "waiting_client", "in_progress", "client", "request.answer",
               _m("every question is answered")),
    Transition("withdraw", "waiting_client", "in_progress", "provider", "request.work",
               _m("every question is answered or withdrawn")),
    Transition("submit", "in_progress", "in_review", "provider", "request.work",
               _m("a deliverable is attached and time is recorded")),
    Transition("return", "in_review", "in_progress", "provider", "request.review",
               _m("findings are written; the reviewer is not the preparer")),
    Transition("pass", "in_review", "awaiting_approval", "provider", "request.review",
               _m("the item needs approval; the reviewer is not the preparer")),
    Transition("pass", "in_review", "delivered", "provider", "request.review",
               _m("the item needs no approval; the reviewer is not the preparer")),
    Transition("approve", "awaiting_approval", "delivered", "client", "request.approve",
               _m("second factor; bound to the SHA-256 shown")),
    Transition("refuse", "awaiting_approval", "in_progress", "client", "request.approve",
               _m("a reason is given")),
    Transition("close", "delivered", "closed", "client", "request.answer"),
    Transition("cancel", "new", "cancelled", "client", "request.raise"),
    Transition("cancel", "assigned", "cancelled", "client", "request.raise"),
)  # fmt: skip


def find_transition(verb: str, source: str, target: str | None = None) -> Transition | None:
    for move in TRANSITIONS:
        if (move.verb, move.source) == (verb, source) and target in (None, move.target):
            return move
    return None
