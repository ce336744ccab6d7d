"""Rows of a bank's CSV to lines and rejects, for one account or several in the same file."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.finance.bank_csv_values import read_amount, read_day
from app.finance.csv_layouts import Layout, folded
from app.finance.currencies import TooPrecise, is_currency
from app.finance.iban import compact, is_iban
from app.finance.read_results import LineReject, StatementLine
from app.spreadsheets.plain_text import clean
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

_PENDING = {
    "pending", "vorgemerkt", "en attente", "en cours", "processing", "reverted", "declined",
    "canceled", "cancelled", "failed",
}  # fmt: skip


class Unusable(Exception):
    def __init__(self, column: str, reason: Reason) -> None:
        self.column, self.reason = column, reason


@dataclass(frozen=True, slots=True)
class _Taken:
    line: StatementLine
    balance: int | None


class RowReader:
    def __init__(self, layout: Layout, header: Sequence[str], account: str) -> None:
        self._layout = layout
        self._account = account
        places = {folded(cell): place for place, cell in reversed(list(enumerate(header)))}
        self._places: dict[str, list[int]] = defaultdict(list)
        self._headings = dict(reversed(layout.columns))
        for meaning, heading in layout.columns:
            self._places[meaning].append(places[folded(heading)])
        self.rows = 0
        self._taken: dict[str, list[_Taken]] = defaultdict(list)
        self._rejects: dict[str, list[LineReject]] = defaultdict(list)
        self._currencies: dict[str, str] = {}

    @property
    def accounts(self) -> list[str]:
        return list(dict.fromkeys([*self._taken, *self._rejects]))

    def lines(self, account: str) -> list[StatementLine]:
        return [one.line for one in self._taken[account]]

    def rejects(self, account: str) -> list[LineReject]:
        return self._rejects[account]

    def currency(self, account: str) -> str:
        return self._currencies.get(account, self._layout.currency)

    def balances(self, account: str) -> tuple[int, int] | None:
        """Opening and closing, from the balance after each line; banks write either end first."""
        found = [(one.line.amount, one.balance) for one in self._taken[account]]
        known = [(amount, balance) for amount, balance in found if balance is not None]
        if not known or len(known) < len(found):
            return None
        pairs = list(itertools.pairwise(known))
        down = sum(1 for (_a, before), (amount, after) in pairs if before + amount == after)
        up = sum(1 for (amount, after), (_a, before) in pairs if before + amount == after)
        days = [one.line.booked_on for one in self._taken[account]]
        oldest_first = down > up or (down == up and days[0] <= days[-1])
        first, last = (known[0], known[-1]) if oldest_first else (known[-1], known[0])
        return first[1] - first[0], last[1]

    def read(self, line: int, cells: list[str]) -> None:
        self.rows += 1
        account = self._own_account(cells)
        try:
            taken = self._row(line, cells, account)
        except Unusable as bad:
            raw = " | ".join(clean(cell, 60) for cell in cells if cell.strip())[:300]
            self._rejects[account].append(LineReject(line, raw, bad.reason, bad.column))
            return
        position = len(self._taken[account]) + 1
        self._taken[account].append(replace(taken, line=replace(taken.line, position=position)))

    def _own_account(self, cells: list[str]) -> str:
        written = self._text(cells, "account", 60)
        tight = compact(written)
        return tight if is_iban(tight) else written or self._account

    def _row(self, line: int, cells: list[str], account: str) -> _Taken:
        self._check_status(cells)
        booked_on = self._day(cells, "booked_on")
        currency = self._currency(cells, account)
        fee = abs(self._money(cells, "fee", currency) or 0)
        amount = self._amount(cells, currency) - fee
        if amount == 0:
            raise Unusable("", Reason("zero", _m("The entry has the amount zero.")))
        iban = compact(self._text(cells, "iban", 60))
        valued = self._text(cells, "valued_on", 40)
        return _Taken(
            StatementLine(
                position=0,
                entry=line,
                booked_on=booked_on,
                valued_on=self._day(cells, "valued_on") if valued else None,
                amount=amount,
                currency=currency,
                name=self._text(cells, "name", 140),
                iban=iban if is_iban(iban) and iban != account else "",
                end_to_end_id="",
                creditor_reference="",
                remittance=self._text(cells, "remittance", 2000),
                additional="",
                bank_reference=self._text(cells, "reference", 70),
                bank_code="",
                reversal=False,
                batch_count=1,
                charges=fee,
            ),
            self._money(cells, "balance", currency),
        )

    def _check_status(self, cells: list[str]) -> None:
        status = self._text(cells, "status", 40)
        if folded(status) in _PENDING:
            raise Unusable(
                self._headings["status"],
                Reason(
                    "pending",
                    _m("Not booked: the bank shows it as “%(status)s”."),
                    {"status": status},
                ),
            )

    def _text(self, cells: list[str], meaning: str, limit: int) -> str:
        found = [cells[place] for place in self._places[meaning] if place < len(cells)]
        return clean(" ".join(part for part in found if part.strip()), limit)

    def _day(self, cells: list[str], meaning: str) -> date:
        written = self._text(cells, meaning, 40)
        try:
            return read_day(written, self._layout.date_format)
        except ValueError as error:
            raise Unusable(
                self._headings[meaning],
                Reason(
                    "date_invalid",
                    _m("“%(value)s” is not a date like %(format)s."),
                    {"value": written, "format": self._layout.date_format},
                ),
            ) from error

    def _currency(self, cells: list[str], account: str) -> str:
        written = self._text(cells, "currency", 20).upper() or self._layout.currency
        if not is_currency(written):
            raise Unusable(
                self._headings.get("currency", ""),
                Reason(
                    "currency_unknown", _m("“%(value)s” is not a currency."), {"value": written}
                ),
            )
        own = self._currencies.setdefault(account, written)
        if written != own:
            raise Unusable(
                self._headings.get("currency", ""),
                Reason(
                    "other_currency",
                    _m("The entry is in %(found)s, the account in %(account)s."),
                    {"found": written, "account": own},
                ),
            )
        return written

    def _amount(self, cells: list[str], currency: str) -> int:
        if self._places["amount"]:
            amount = self._money(cells, "amount", currency)
        else:
            debit = self._money(cells, "debit", currency)
            credit = self._money(cells, "credit", currency)
            if debit and credit:
                raise Unusable(
                    self._headings["debit"],
                    Reason("both_sides", _m("The row has a debit and a credit.")),
                )
            # Some banks write debits with a minus, others without.
            amount = credit if credit else -abs(debit) if debit is not None else credit
        if amount is None:
            column = self._headings.get("amount") or self._headings.get("credit", "")
            raise Unusable(column, Reason("amount_missing", _m("The row has no amount.")))
        return amount

    def _money(self, cells: list[str], meaning: str, currency: str) -> int | None:
        written = self._text(cells, meaning, 40)
        if not written:
            return None
        try:
            return read_amount(written, self._layout.decimal_mark, currency)
        except TooPrecise as error:
            reason = Reason(
                "too_precise",
                _m("The amount “%(value)s” has more decimals than %(currency)s allows."),
                {"value": written, "currency": currency},
            )
            raise Unusable(self._headings[meaning], reason) from error
        except ValueError as error:
            reason = Reason(
                "amount_invalid", _m("The amount “%(value)s” is not a number."), {"value": written}
            )
            raise Unusable(self._headings[meaning], reason) from error
