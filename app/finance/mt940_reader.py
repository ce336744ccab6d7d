"""Bank statements in SWIFT MT940, and MT942 (interim reports) for want of them."""

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import mt940

from app.finance.balances import balance_problem
from app.finance.currencies import TooPrecise, is_currency, to_minor
from app.finance.iban import compact, is_iban
from app.finance.limits import CHUNK_LINES, MAX_ENTRIES, too_many
from app.finance.mt940_details import charges_of, read_details, reference
from app.finance.read_results import (
    Balance,
    Chunk,
    Event,
    FileEnd,
    LineReject,
    StatementHead,
    StatementLine,
)
from app.spreadsheets.plain_text import clean
from app.spreadsheets.reasons import FileRefused, Reason
from tenants.core.text import _m

_BLOCK = re.compile(r"^(?=:20:)", re.MULTILINE)
_ENTRY = re.compile(r"^:61:", re.MULTILINE)
_ACCOUNT = re.compile(r"^:25P?:(.*)$", re.MULTILINE)
_INTERIM = re.compile(r"^:(13D|34F|90[CD]):", re.MULTILINE)
_WITH_CURRENCY = re.compile(r"(.*?)\s?/?([A-Z]{3})")
_OPTIONS = mt940.Options.all()
# Field 86 is read by rules of our own, from what stands there.
_PROCESSORS: Any = {"post_transaction_details": []}


def read_mt940(text: str) -> Iterator[Event]:
    blocks = [block for block in _BLOCK.split(text) if block.startswith(":20:")]
    if sum(len(_ENTRY.findall(block)) for block in blocks) > MAX_ENTRIES:
        raise too_many()
    found = [_Statement(block) for block in blocks]
    whole = [one for one in found if one.is_statement]
    if not whole:
        raise FileRefused(_m("The file holds no bank statement."), code="no_statement")
    for one in whole:
        yield from one.events()
    interim = all(_INTERIM.search(one.block) and not one.has_balances for one in whole)
    yield FileEnd("MT942" if interim else "MT940", 0, whole[0].reference)


class _Statement:
    def __init__(self, block: str) -> None:
        self.block = block
        self._parsed = _parse(block)
        data = self._parsed.data
        self.reference = clean(str(data.get("transaction_reference") or ""), 70)
        self.currency = str(self._parsed.currency or "")
        account = _ACCOUNT.search(block)
        self.account = _account(account[1]) if account else ""
        self._opening = _balance(data, "opening_balance")
        self._closing = _balance(data, "closing_balance")

    @property
    def has_balances(self) -> bool:
        return self._opening is not None or self._closing is not None

    @property
    def is_statement(self) -> bool:
        return self.has_balances or bool(self._parsed.transactions) or bool(self.currency)

    def events(self) -> Iterator[Event]:
        lines: list[StatementLine] = []
        rejects: list[LineReject] = []
        for entry, transaction in enumerate(self._parsed.transactions, start=1):
            line = self._line(entry, len(lines) + 1, transaction.data)
            if isinstance(line, Reason):
                rejects.append(LineReject(entry, _summary(transaction.data), line))
            else:
                lines.append(line)
        for start in range(0, len(lines), CHUNK_LINES):
            yield Chunk(tuple(lines[start : start + CHUNK_LINES]))
        if rejects:
            yield Chunk((), tuple(rejects))
        yield self._head(lines, rejects)

    def _head(self, lines: list[StatementLine], rejects: list[LineReject]) -> StatementHead:
        days = [line.booked_on for line in lines]
        opening, closing = self._opening, self._closing
        number = self._parsed.data.get("statement_number") or ""
        page = self._parsed.data.get("sequence_number")
        return StatementHead(
            message_id=self.reference,
            statement_id=" ".join(part for part in (self.reference, str(number)) if part),
            account=self.account,
            account_is_iban=is_iban(self.account),
            account_owner="",
            currency=self.currency,
            sequence_number=f"{number}/{page}" if page else str(number),
            copy_indicator="",
            created_on=None,
            starts_on=(opening.on if opening else None) or min(days, default=None),
            ends_on=(closing.on if closing else None) or max(days, default=None),
            opening=opening,
            closing=closing,
            balance_problem=balance_problem(opening, closing, self.currency),
            lines_in=len(lines) + len(rejects),
            movements=sum(line.amount for line in lines),
        )

    def _line(self, entry: int, position: int, data: dict[str, Any]) -> StatementLine | Reason:
        amount = self._amount(data)
        if isinstance(amount, Reason):
            return amount
        valued_on = _day(data.get("date"))
        booked_on = _day(data.get("entry_date")) or valued_on
        if booked_on is None:
            return Reason("no_date", _m("The entry has no readable booking date."))
        details = read_details(str(data.get("transaction_details") or ""))
        extra = str(data.get("extra_details") or "")
        own = reference(str(data.get("customer_reference") or ""))
        return StatementLine(
            position=position,
            entry=entry,
            booked_on=booked_on,
            valued_on=valued_on,
            amount=amount,
            currency=self.currency,
            name=details.name,
            iban=details.iban if details.iban != self.account else "",
            end_to_end_id=details.end_to_end_id,
            creditor_reference="",
            remittance=details.remittance,
            additional=clean(f"{own} {extra}", 500),
            bank_reference=clean(str(data.get("bank_reference") or ""), 70),
            bank_code=details.code or str(data.get("id") or ""),
            reversal=str(data.get("status") or "").upper().startswith("R"),
            batch_count=1,
            charges=_charges(extra, self.currency),
            mandate_id=details.mandate_id,
            return_reason=details.return_reason,
        )

    def _amount(self, data: dict[str, Any]) -> int | Reason:
        if not is_currency(self.currency):
            return Reason(
                "currency_unknown", _m("“%(value)s” is not a currency."), {"value": self.currency}
            )
        try:
            minor = to_minor(data["amount"].amount, self.currency)
        except TooPrecise:
            return Reason(
                "too_precise",
                _m("The amount “%(value)s” has more decimals than %(currency)s allows."),
                {"value": str(data["amount"].amount), "currency": self.currency},
            )
        except (KeyError, AttributeError, ValueError):
            value = clean(str(data.get("amount") or ""), 40)
            return Reason(
                "amount_invalid", _m("The amount “%(value)s” is not a number."), {"value": value}
            )
        return minor or Reason("zero", _m("The entry has the amount zero."))


def _parse(block: str) -> Any:
    try:
        # A text that happens to be a path would be opened; a handle is only read.
        (parsed,) = mt940.parse_statements(
            io.StringIO(block), processors=_PROCESSORS, options=_OPTIONS
        )
    except (RuntimeError, ValueError, ArithmeticError, KeyError, TypeError) as error:
        raise _broken(block) from error
    # The parser joins entries without a type of transaction: then one would be lost.
    if len(parsed.transactions) != len(_ENTRY.findall(block)):
        raise _broken(block)
    return parsed


def _broken(block: str) -> FileRefused:
    first = clean(block.partition("\n")[0].removeprefix(":20:"), 40)
    return FileRefused(
        _m("The statement “%(statement)s” breaks the rules of MT940, so that it can't be read."),
        code="mt940_broken",
        statement=first or "?",
    )


def _account(raw: str) -> str:
    account = compact(raw)
    match = _WITH_CURRENCY.fullmatch(account)
    if not is_iban(account) and match and is_iban(match[1]):
        return match[1]
    return account if is_iban(account) else clean(raw, 60)


def _balance(data: dict[str, Any], name: str) -> Balance | None:
    for kind in ("final_", "intermediate_", ""):
        found = data.get(f"{kind}{name}")
        if found is None:
            continue
        currency = str(getattr(found.amount, "currency", "") or "")
        try:
            minor = to_minor(Decimal(found.amount.amount), currency)
        except (ValueError, InvalidOperation, AttributeError, TypeError):
            return None
        return (
            Balance(kind + name, minor, currency, _day(found.date))
            if is_currency(currency)
            else None
        )
    return None


def _day(found: Any) -> date | None:
    return date(found.year, found.month, found.day) if found is not None else None


def _charges(text: str, currency: str) -> int:
    written = charges_of(text, currency)
    try:
        return to_minor(Decimal(written.replace(",", ".").rstrip(".")), currency) if written else 0
    except (ValueError, InvalidOperation):
        return 0


def _summary(data: dict[str, Any]) -> str:
    text = clean(str(data.get("transaction_details") or ""), 80)
    return f"{data.get('date')} {data.get('amount')} {text}".strip()
