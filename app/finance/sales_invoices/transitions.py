"""What may become of a sales invoice, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenants.core.errors import Conflict
from tenants.core.text import _c, _m

STATES: Mapping[str, str] = {
    "draft": _m("Draft"),
    "validated": _m("Validated"),
    "sent": _c("invoice", "Sent"),
    "partly_paid": _c("invoice", "Partly paid"),
    "paid": _c("invoice", "Paid"),
    "credited": _m("Credited in full"),
    "disputed": _m("Disputed"),
}
# Verb -> the states it is possible in. What it leads to is the second; None: follows from amounts.
MOVES: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "validate": (("draft",), "validated"),
    "send": (("validated",), "sent"),
    "send_again": (("sent", "partly_paid", "paid", "credited", "disputed"), None),
    "pay": (("validated", "sent", "partly_paid", "paid", "credited", "disputed"), None),
    "credit": (("validated", "sent", "partly_paid", "paid", "disputed"), None),
    "dispute": (("sent", "partly_paid", "paid"), "disputed"),
    "resolve": (("disputed",), None),
}


class MoveRefused(Conflict):
    code = "invoice_move_refused"
    message = _m("This isn't possible while the invoice is in the state “%(state)s”.")


def check(verb: str, state: str) -> None:
    if state not in MOVES[verb][0]:
        raise MoveRefused(state=STATES[state])


def possible(state: str) -> list[str]:
    return [verb for verb, (states, _) in MOVES.items() if state in states]


def left_of(*, due: int, standing: Any) -> int:
    """Negative where credit notes and payments are more than what the invoice asked."""
    return int(due - standing.settled - standing.credited + standing.released)


def state_of_amounts(
    *, gross: int, due: int, settled: int, credited: int, sent: bool, released: int = 0
) -> str:
    """Of an invoice that nobody disputes. `due` is what was to pay when it was validated: `gross`
    less deposits, which pay what credit notes leave. Where there was nothing to pay at all, it is
    paid once it was sent."""
    if credited >= gross and credited > 0 and settled <= 0:
        return "credited"
    if settled >= due - credited + released and (due > 0 or settled > 0 or sent):
        return "paid"
    if settled > 0:
        return "partly_paid"
    return "sent" if sent else "validated"
