"""The base of CSG and CRDS (CSS L136-1 ff.): gross pay less 1.75 % up to four ceilings, and what the
employer pays for health and provident cover whole."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def pay_base(pay: Decimal, ceiling: Decimal, rates: Mapping[str, Any]) -> Decimal:
    """Of pay on the year so far."""
    below = min(pay, rates["csg_share_ceilings"] * ceiling)
    base: Decimal = rates["csg_share"] * below + (pay - below)
    return base
