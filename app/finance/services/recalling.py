"""What was learned before, for the lines of this statement."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.finance.evidence import LEAVE_OPEN, PAYER_ACCOUNT, customer_key, of_open_line
from app.finance.matching import Learned
from app.finance.models import PaymentRule, StatementLine
from app.finance.rule_queries import list_active_rules, list_sources
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

LEFT_OPEN_BEFORE = _m(
    "Learned: such a line was left open as “%(note)s” in request %(requests)s"
    " (%(times)s×, by %(by)s)."
)
_SHOWN_REQUESTS = 5


@dataclass(frozen=True, slots=True)
class Recall:
    """Active rules by their evidence."""

    payers: dict[tuple[str, str], tuple[Learned, ...]]
    open_lines: dict[str, tuple[PaymentRule, Reason]]

    def payers_of(self, line: StatementLine) -> tuple[Learned, ...]:
        """The account says more than the name; each customer once."""
        found: dict[str, Learned] = {}
        by_account = self.payers.get((PAYER_ACCOUNT, line.iban_index), ())
        name = customer_key(line.name) if line.name else ""
        for one in (*by_account, *self.payers.get(("payer_name", name), ())):
            found.setdefault(customer_key(one.customer), one)
        return tuple(found.values())

    def left_open(self, line: StatementLine) -> tuple[PaymentRule, Reason] | None:
        one = of_open_line(
            iban_index=line.iban_index, name=line.name, text=line.remittance, amount=line.amount
        )
        return self.open_lines.get(one.text) if one else None


def recall() -> Recall:
    rules = list_active_rules()
    sources = list_sources([rule.id for rule in rules])
    payers: dict[tuple[str, str], list[Learned]] = defaultdict(list)
    open_lines: dict[str, tuple[PaymentRule, Reason]] = {}
    for rule in sorted(rules, key=lambda r: (-r.confirmed, str(r.id))):
        spoken = [row for row in sources[rule.id] if row.confirmed]
        requests = ", ".join(str(row.number) for row in spoken[-_SHOWN_REQUESTS:])
        by = ", ".join(_once(row.by_name for row in spoken)) or rule.learned_by_name
        if rule.kind == LEAVE_OPEN:
            reason = Reason(
                "left_open_before",
                LEFT_OPEN_BEFORE,
                {"note": rule.note, "requests": requests, "times": rule.confirmed, "by": by},
            )
            open_lines[rule.evidence] = (rule, reason)
        else:
            account = rule.kind == PAYER_ACCOUNT
            payers[rule.kind, rule.evidence].append(
                Learned(
                    str(rule.id), rule.customer, account,
                    rule.shown if account else f"“{rule.shown}”", requests, rule.confirmed, by,
                )
            )  # fmt: skip
    return Recall({key: tuple(found) for key, found in payers.items()}, open_lines)


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))[:2]
