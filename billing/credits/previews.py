"""What Stripe would make of a credit, for whoever approves it: the one call that a page makes."""

from dataclasses import dataclass

from billing.connection import gateway
from billing.credits.issuing import find_target
from billing.credits.models import Credit
from billing.credits.outgoing import note_lines
from billing.credits.rules import allocate
from billing.stripe_errors import StripeRefused, StripeUnavailable


@dataclass(frozen=True, slots=True)
class Preview:
    """In minor units; `problem` is one of the reasons to wait, or Stripe's own words."""

    number: str = ""
    left: int = 0
    net: int = 0
    vat: int = 0
    total: int = 0
    to_balance: int = 0
    waits: str = ""
    problem: str = ""


def call_preview(row: Credit) -> Preview | None:
    """None for credit for usage, which has no VAT of its own."""
    if row.method != "credit_note":
        return None
    target, waits = find_target(row)
    if target is None:
        return Preview(waits=waits)
    number = target.invoice.number or ""
    parts = allocate(row.amount, target.lines)
    if parts is None:
        return Preview(number, target.left, waits="over")
    lines = note_lines([{"line": line, "amount": amount} for line, amount in parts])
    try:
        seen = gateway().preview_credit_note(target.invoice.stripe_invoice_id, lines)
    except StripeRefused as error:
        return Preview(number, target.left, problem=error.message)
    except StripeUnavailable:
        return Preview(number, target.left, problem="?")
    return Preview(
        number, target.left, seen["subtotal"], seen["total"] - seen["subtotal"], seen["total"],
        seen["post_payment_amount"],
    )  # fmt: skip
