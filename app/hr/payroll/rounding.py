"""Euro amounts are Decimal. The context is the engine's own, so that a caller's can't change a cent."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)
ZERO = Decimal(0)
NIL = Decimal("0.00")
CENT = Decimal("0.01")


def to_cent(amount: Decimal) -> Decimal:
    """Half away from zero, as the bodies round."""
    return amount.quantize(CENT, ROUND_HALF_UP)
