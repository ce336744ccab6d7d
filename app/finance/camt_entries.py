"""The entries of a camt statement, each to one line or, split, to one for every transaction."""

from dataclasses import replace
from datetime import date

from lxml import etree

from app.finance.camt_details import (
    MAX_TEXT,
    SIGNS,
    Unusable,
    charges,
    detail,
    documents,
    read_amount,
    returned,
    transactions,
)
from app.finance.camt_xml import child, day, text
from app.finance.currencies import is_currency
from app.finance.masking import mask_accounts
from app.finance.read_results import Chunk, LineReject, StatementLine
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

_MAX_DETAILS = 200


class EntryReader:
    """Collects the lines and rejects of one statement, entry by entry, until they are taken away.

    Without a currency of the account it is that of the first entry that has one.
    """

    def __init__(self, *, currency: str, account: str, ends_on: date | None) -> None:
        self.currency = currency
        self.count = 0
        self.rejected = 0
        self.movements = 0
        self.first_day: date | None = None
        self.last_day: date | None = None
        self._lines: list[StatementLine] = []
        self._rejects: list[LineReject] = []
        self._account = account
        self._ends_on = ends_on
        self._entry = 0

    @property
    def waiting(self) -> int:
        return len(self._lines) + len(self._rejects)

    def take(self) -> Chunk:
        chunk = Chunk(tuple(self._lines), tuple(self._rejects))
        self._lines, self._rejects = [], []
        return chunk

    def read(self, entry: etree._Element) -> None:
        self._entry += 1
        amount = child(entry, "Amt")
        if not self.currency and amount is not None and is_currency(amount.get("Ccy") or ""):
            self.currency = str(amount.get("Ccy"))
        try:
            self._check_status(entry)
            line = self._line(entry)
        except Unusable as unusable:
            self.rejected += 1
            raw = mask_accounts(_summary(entry))
            self._rejects.append(LineReject(self._entry, raw, unusable.reason))
            return
        self.movements += line.amount
        self.first_day = min(self.first_day or line.booked_on, line.booked_on)
        self.last_day = max(self.last_day or line.booked_on, line.booked_on)
        for part in _split(line, entry, self._account) or [line]:
            self.count += 1
            self._lines.append(replace(part, position=self.count))

    def _check_status(self, entry: etree._Element) -> None:
        status = text(entry, "Sts", "Cd") or text(entry, "Sts", "Prtry") or text(entry, "Sts")
        if status in ("PDNG", "FUTR"):
            raise Unusable(
                Reason("pending", _m("Not booked yet: the bank only announces this entry."))
            )
        if status == "INFO":
            raise Unusable(
                Reason("information", _m("For information only: the bank booked nothing here."))
            )
        if status not in ("BOOK", ""):
            raise Unusable(
                Reason(
                    "status_unknown",
                    _m("The entry has the unknown status “%(status)s”."),
                    {"status": status},
                )
            )

    def _line(self, entry: etree._Element) -> StatementLine:
        sign = _sign(entry)
        currency, amount = read_amount(child(entry, "Amt"))
        if currency != self.currency:
            raise Unusable(
                Reason(
                    "other_currency",
                    _m("The entry is in %(found)s, the account in %(account)s."),
                    {"found": currency, "account": self.currency or "?"},
                )
            )
        if amount == 0:
            raise Unusable(Reason("zero", _m("The entry has the amount zero.")))
        if amount < 0:
            raise Unusable(Reason("negative", _m("The entry has a negative amount.")))
        valued_on = _date(entry, "ValDt")
        booked_on = _date(entry, "BookgDt") or valued_on or self._ends_on
        if booked_on is None:
            raise Unusable(Reason("no_date", _m("The entry has no readable booking date.")))
        reversal = text(entry, "RvslInd").lower() in ("true", "1")
        found = transactions(entry)
        details = tuple(detail(tx, payer=(sign > 0) != reversal, own=self._account) for tx in found)
        return StatementLine(
            position=0,
            entry=self._entry,
            booked_on=booked_on,
            valued_on=valued_on,
            amount=sign * amount,
            currency=currency,
            name=_common([d.name for d in details]),
            iban=_common([d.iban for d in details]),
            end_to_end_id=_common([d.end_to_end_id for d in details]),
            creditor_reference=_common([d.creditor_reference for d in details]),
            remittance=" ".join(d.remittance for d in details if d.remittance)[:MAX_TEXT],
            additional=text(entry, "AddtlNtryInf", limit=500),
            bank_reference=text(entry, "AcctSvcrRef") or text(entry, "NtryRef"),
            bank_code=_bank_code(entry),
            reversal=reversal,
            batch_count=_batch_count(entry, len(details)),
            charges=charges(entry, currency),
            documents=tuple(one for tx in found for one in documents(tx, currency))[:_MAX_DETAILS],
            mandate_id=_common([text(tx, "Refs", "MndtId") for tx in found]),
            return_reason=_common([returned(tx) for tx in found]),
            uetr=_common([text(tx, "Refs", "UETR") for tx in found]),
            details=details[:_MAX_DETAILS] if len(details) > 1 else (),
        )


def _sign(element: etree._Element) -> int:
    indicator = text(element, "CdtDbtInd")
    if indicator not in SIGNS:
        raise Unusable(
            Reason("no_direction", _m("The entry doesn't say whether it is a credit or a debit."))
        )
    return SIGNS[indicator]


def _date(entry: etree._Element, name: str) -> date | None:
    return day(text(entry, name, "Dt") or text(entry, name, "DtTm"))


def _split(line: StatementLine, entry: etree._Element, own: str) -> list[StatementLine] | None:
    """One line per transaction where the bank gives each its amount and they make up the entry."""
    found = transactions(entry)
    if len(found) < 2:
        return None
    parts = []
    for tx in found:
        sign = SIGNS.get(text(tx, "CdtDbtInd"), 1 if line.amount > 0 else -1)
        one = detail(tx, payer=(sign > 0) != line.reversal, own=own)
        if not one.amount or one.amount < 0 or one.currency != line.currency:
            return None
        parts.append(
            replace(
                line,
                amount=sign * one.amount,
                name=one.name,
                iban=one.iban,
                end_to_end_id=one.end_to_end_id,
                creditor_reference=one.creditor_reference,
                remittance=one.remittance,
                batch_count=len(found),
                charges=charges(tx, line.currency),
                documents=documents(tx, line.currency),
                mandate_id=text(tx, "Refs", "MndtId"),
                return_reason=returned(tx),
                uetr=text(tx, "Refs", "UETR"),
                details=(),
            )
        )
    return parts if sum(part.amount for part in parts) == line.amount else None


def _bank_code(entry: etree._Element) -> str:
    code = child(entry, "BkTxCd")
    parts = (
        text(code, "Domn", "Cd"),
        text(code, "Domn", "Fmly", "Cd"),
        text(code, "Domn", "Fmly", "SubFmlyCd"),
    )
    return "-".join(p for p in parts if p) or text(code, "Prtry", "Cd")


def _batch_count(entry: etree._Element, details: int) -> int:
    declared = text(entry, "NtryDtls", "Btch", "NbOfTxs") or text(entry, "Btch", "NbOfTxs")
    return int(declared) if declared.isdecimal() and len(declared) < 8 else max(details, 1)


def _summary(entry: etree._Element) -> str:
    amount = child(entry, "Amt")
    parts = [
        text(entry, "BookgDt", "Dt") or text(entry, "BookgDt", "DtTm")[:10],
        text(entry, "CdtDbtInd"),
        text(amount),
        (amount.get("Ccy") or "")[:10] if amount is not None else "",
        text(entry, "AddtlNtryInf", limit=80) or text(entry, "AcctSvcrRef"),
    ]
    return " ".join(p for p in parts if p)


def _common(values: list[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""
