"""In whose hands work is at one moment, held against what the script says of everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from tests.quarter.office import Office
from tests.quarter.script import LINES, Order, Script

# Where somebody of ours has something to do.
TO_DO = ("new", "assigned", "in_progress", "waiting_client", "in_review", "reopened")
OPEN = (*TO_DO, "awaiting_approval", "delivered")
LOOK = """
SELECT r.tenant_id, r.id, r.number, r.line, r.state, r.assignee_id, r.due_at, EXISTS (
    SELECT FROM supervisor_tasks s WHERE s.tenant_id = r.tenant_id AND s.request_id = r.id
    AND s.kind = 'stand_in') OR EXISTS (
    SELECT FROM handover_items i WHERE i.tenant_id = r.tenant_id AND i.request_id = r.id
    AND (i.raised_at IS NOT NULL OR i.state = 'sent' AND i.answer_by > :now)) AS told, EXISTS (
    SELECT FROM audit_events a WHERE a.tenant_id = r.tenant_id AND a.object_id = r.id
    AND a.name IN ('service_requests.request.left', 'service_requests.request.handed_back')) AS said
FROM requests r WHERE r.state = ANY (:open)
"""


class Complaint(NamedTuple):
    kind: str
    words: str


def look(office: Office, now: datetime) -> list[Complaint]:
    """Right after everything that was due has been done."""
    firms = {one.id: place for place, one in office.companies.items()}
    hands = {one.id: place for place, one in office.staff.items()}
    found = []
    for row in office.stage.rows(LOOK, open=list(OPEN), now=now):
        if row.tenant_id not in firms:
            continue
        firm = firms[row.tenant_id]
        words = _in_hands(office.script, row, firm, hands[row.assignee_id], now) if (
            row.assignee_id
        ) else _in_queue(office.script, row, firm, now)  # fmt: skip
        if words:
            kind, said = words
            found.append(
                Complaint(kind, f"{now:%d %b %H:%M} company {firm} no {row.number}: {said}")
            )
    return found


def _in_hands(
    script: Script, row: Any, firm: int, hand: int, now: datetime
) -> tuple[str, str] | None:  # fmt: skip
    if script.level(hand, firm, row.line, now) not in ("work", "review"):
        return None if row.state not in TO_DO else ("entitled", f"{hand} has no access")
    until = script.away(hand, now)
    if until is None or row.state not in TO_DO or row.due_at >= until or row.told:
        return None
    return "away", f"{row.state}, with {hand} who is away until {until:%d %b %H:%M}"


def _in_queue(
    script: Script, row: Any, firm: int, now: datetime
) -> tuple[str, str] | None:  # fmt: skip
    """Where no rule names anybody it waits for who takes it."""
    orders = [one for one in script.orders if (one.firm, one.line) == (firm, row.line)]
    if row.state != "new":
        silent = orders and row.state in TO_DO and not row.said
        return ("left", f"{row.state}, no reason") if silent else None
    able = [hand for order in orders for hand in able_hands(script, order, now)]
    return ("idle", f"{able} could do it") if able else None


def able_hands(script: Script, order: Order, now: datetime) -> list[int]:
    """Whom the rule may give work to at this moment."""
    assert order.line in LINES
    named = (order.operator, order.deputy)
    return [
        hand.place for hand in script.hands
        if (order.by_load or hand.place in named)
        and script.level(hand.place, order.firm, order.line, now) in ("work", "review")
        and not script.away(hand.place, now)
        and (not order.skill or hand.skilled)
    ]  # fmt: skip
