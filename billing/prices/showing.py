"""Each price of the plan beside what was agreed in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.plans import CURRENCY, Part
from billing.prices.in_force import Proposal, in_force
from billing.prices.queries import list_proposals, subscribed_parts


@dataclass(frozen=True, slots=True)
class PriceFigure:
    """`coming` are approved and begin later, the next one first."""

    part: Part
    agreed: Proposal | None
    coming: Sequence[Proposal]
    currency: str = CURRENCY

    @property
    def amount(self) -> Decimal:
        return self.agreed.row.unit_amount if self.agreed else self.part.unit_amount


def price_figures(*, on: date) -> Sequence[PriceFigure]:
    return figures_of(list_proposals(approved=True), on)


def figures_of(proposals: Sequence[Proposal], on: date) -> Sequence[PriceFigure]:
    return [
        PriceFigure(
            part,
            in_force(proposals, part, on),
            sorted(
                (
                    one
                    for one in proposals
                    if one.state == "approved"
                    and one.row.lookup_key == part.lookup_key
                    and one.row.starts_on > on
                ),
                key=lambda one: one.row.starts_on,
            ),
        )
        for part in subscribed_parts()
    ]
