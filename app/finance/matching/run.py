"""What the rules share: items and lines in a fixed order, and what is left of each."""

from collections.abc import Iterable, Mapping, Sequence

from app.finance.matching import sentences
from app.finance.matching.kinds import (
    MAX_CANDIDATES,
    Ambiguity,
    Item,
    Learned,
    Line,
    Proposal,
)
from app.finance.names import name_tokens
from app.finance.settlement import Difference, Tolerance, tolerance_for
from app.spreadsheets.reasons import Reason

Params = dict[str, str | int]


class Run:
    def __init__(
        self,
        items: Iterable[Item],
        lines: Iterable[Line],
        tolerances: Mapping[str, Tolerance],
    ) -> None:
        # Sorted first, so that the order of arrival decides nothing.
        self.items = sorted(
            (i for i in items if i.open_amount), key=lambda i: (i.due_on, i.number, i.id)
        )
        self.lines = sorted(
            # A reversal gives back an earlier booking; it pays nothing.
            (n for n in lines if n.amount and not n.reversal),
            key=lambda n: (n.booked_on, n.id),
        )
        self.open = {item.id: item.open_amount for item in self.items}
        self.left = {line.id: line.amount for line in self.lines}
        self.rank = {item.id: rank for rank, item in enumerate(self.items)}
        self.customer = {item.id: name_tokens(item.customer) for item in self.items}
        self.proposals: list[Proposal] = []
        self.ambiguities: dict[str, Ambiguity] = {}
        # Lines that name an invoice for sure.
        self.named: set[str] = set()
        self._tolerances = tolerances

    def tolerance(self, line: Line) -> Tolerance:
        return tolerance_for(self._tolerances, line.currency)

    def is_free(self, line: Line) -> bool:
        """Who names an invoice that is paid already has not paid another one by chance."""
        known = line.id in self.named or line.id in self.ambiguities
        return not known and self.left[line.id] == line.amount

    def is_whole(self, item: Item) -> bool:
        return self.open[item.id] == item.open_amount

    def propose(
        self,
        line: Line,
        item: Item,
        amount: int,
        rule: str,
        confidence: int,
        message: str,
        *,
        difference: Difference | None = None,
        learned: Learned | None = None,
        netted: bool = False,
        more: Params | None = None,
    ) -> None:
        lacking = difference.amount if difference else 0
        self.left[line.id] -= amount
        self.open[item.id] -= amount + lacking
        params: Params = {
            "number": item.number,
            "customer": item.customer,
            "amount": amount,
            "currency": line.currency,
            **known_by(message, line, learned),
            **(more or {}),
        }
        if message is sentences.OVERPAID:
            params["rest"] = self.left[line.id]
        if message is sentences.PART:
            params["rest"] = self.open[item.id]
        self.proposals.append(
            Proposal(
                line.id,
                item.id,
                amount,
                rule,
                confidence,
                Reason(sentences.CODES.get(message, rule), message, params),
                lacking,
                difference.kind if difference else "",
                netted,
                learned.rule_id if learned else "",
            )
        )

    def leave_open(
        self, line: Line, rule: str, items: Sequence[Item], message: str, **more: str | int
    ) -> None:
        ordered = items[:MAX_CANDIDATES]
        params: Params = {
            "numbers": ", ".join(i.number for i in ordered),
            "amount": line.amount,
            "currency": line.currency,
            **more,
        }
        reason = Reason("ambiguous", message, params)
        self.ambiguities[line.id] = Ambiguity(line.id, rule, tuple(i.id for i in ordered), reason)


def known_by(message: str, line: Line, learned: Learned | None) -> Params:
    """What the sentence tells about the payer, and nothing that it doesn't tell."""
    found: Params = {}
    if "%(iban)s" in message:
        found["iban"] = line.iban
    if "%(name)s" in message:
        found["name"] = line.name
    if learned is not None:
        found |= {
            "evidence": learned.evidence,
            "customer": learned.customer,
            "requests": learned.requests,
            "times": learned.times,
            "by": learned.by,
        }
    return found


def told_difference(difference: Difference, item: Item, line: Line) -> Params:
    """The second sentence of a proposal that settles an item with a difference."""
    short = difference.amount > 0 if item.open_amount > 0 else difference.amount < 0
    then = sentences.SHORT[difference.kind] if short else sentences.OVER
    if difference.kind == "bank_charge":
        then = sentences.SHORT["bank_charge"]
    params: Params = {
        "then": then,
        "lacking": abs(difference.amount),
        "whole": item.open_amount,
    }
    if difference.rate:
        params |= {"rate": difference.rate, "days": (line.booked_on - item.issued_on).days}
    return params
