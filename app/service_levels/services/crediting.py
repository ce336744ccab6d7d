"""What signed months give back, handed to billing once nobody can object to them any more."""

from datetime import datetime

from app.service_levels.credits import contest_until
from app.service_levels.models import SlaCredit
from app.service_levels.queries import list_all_credits, list_contests, list_signed
from billing.credits.services import bring_sla_credit
from tenants.permissions import Actor


def hand_over_credits(*, actor: Actor, now: datetime) -> int:
    """Every day: a credit of ten days ago, and what later corrections made of older ones. A month
    whose contest waits for its answer waits too."""
    actor.require("desk.supervise")
    last: dict[tuple[object, str], SlaCredit] = {
        (one.month, one.line): one for one in list_all_credits()
    }
    if not last:
        return 0
    waiting = {(one.month, one.line) for one in list_contests() if one.answered_at is None}
    handed = 0
    for signed in list_signed():
        key = (signed.month, signed.line)
        credit = last.get(key)
        if credit is None or key in waiting or now < contest_until(signed.signed_at, signed.zone):
            continue
        bring_sla_credit(
            line=signed.line, month=signed.month, amount=credit.amount, asked_by=signed.signed_by,
            asked_by_name=signed.signed_by_name, revision=credit.revision, actor=actor, now=now,
        )  # fmt: skip
        handed += 1
    return handed
