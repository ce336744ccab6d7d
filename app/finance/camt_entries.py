from dataclasses import replace
from datetime import date

from lxml import etree

from app.finance.camt_xml import child, children, day, find, local, text
from app.finance.currencies import TooPrecise, is_currency, parse_minor
from app.finance.iban import compact, is_iban
from app.finance.plain_text import clean
from app.finance.read_results import LineDetail, LineReject, Reason, StatementLine
from tenants.core.text import _m

_SIGNS = {"CRDT": 1, "DBIT": -1}
_NO_REFERENCE = {"NOTPROVIDED", "NONREF", "NOT PROVIDED"}
_MAX_TEXT = 2000
_MAX_DETAILS = 200


class Unusable(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class EntryReader:
    """Collects the lines and rejects of one statement, entry by entry."""

    def __init__(self, *, currency: str, account: str, ends_on: date | None) -> None:
        self.lines: list[StatementLine] = []
        self.rejects: list[LineReject] = []
        self._currency = currency
        self._account = account
        self._ends_on = ends_on
        self._entry = 0

    def read(self, entry: etree._Element) -> None:
        self._entry += 1
        try:
            self._check_status(entry)
            line = self._line(entry)
        except Unusable as unusable:
            self.rejects.append(LineReject(self._entry, _summary(entry), unusable.reason))
            return
        parts = _split(line, entry, self._account) or [line]
        for part in parts:
            self.lines.append(replace(part, position=len(self.lines) + 1))

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
        currency, amount = _amount(child(entry, "Amt"))
        if currency != self._currency:
            raise Unusable(
                Reason(
                    "other_currency",
                    _m("The entry is in %(found)s, the account in %(account)s."),
                    {"found": currency, "account": self._currency or "?"},
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
        transactions = _transactions(entry)
        details = tuple(
            _detail(tx, payer=(sign > 0) != reversal, own=self._account) for tx in transactions
        )
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
            remittance=" ".join(d.remittance for d in details if d.remittance)[:_MAX_TEXT],
            additional=text(entry, "AddtlNtryInf", limit=500),
            bank_reference=text(entry, "AcctSvcrRef") or text(entry, "NtryRef"),
            bank_code=_bank_code(entry),
            reversal=reversal,
            batch_count=_batch_count(entry, len(details)),
            details=details[:_MAX_DETAILS] if len(details) > 1 else (),
        )


def _sign(element: etree._Element) -> int:
    indicator = text(element, "CdtDbtInd")
    if indicator not in _SIGNS:
        raise Unusable(
            Reason("no_direction", _m("The entry doesn't say whether it is a credit or a debit."))
        )
    return _SIGNS[indicator]


def _amount(element: etree._Element | None) -> tuple[str, int]:
    raw = text(element)
    currency = (element.get("Ccy") or "") if element is not None else ""
    if not is_currency(currency):
        raise Unusable(
            Reason(
                "currency_unknown",
                _m("“%(value)s” is not a currency."),
                {"value": clean(currency, 20)},
            )
        )
    try:
        return currency, parse_minor(raw, currency)
    except TooPrecise as error:
        raise Unusable(
            Reason(
                "too_precise",
                _m("The amount “%(value)s” has more decimals than %(currency)s allows."),
                {"value": raw, "currency": currency},
            )
        ) from error
    except ValueError as error:
        raise Unusable(
            Reason("amount_invalid", _m("The amount “%(value)s” is not a number."), {"value": raw})
        ) from error


def _date(entry: etree._Element, name: str) -> date | None:
    return day(text(entry, name, "Dt") or text(entry, name, "DtTm"))


def _transactions(entry: etree._Element) -> list[etree._Element]:
    found = [tx for group in children(entry, "NtryDtls") for tx in children(group, "TxDtls")]
    return found or list(children(entry, "TxDtls"))


def _detail(tx: etree._Element, *, payer: bool, own: str) -> LineDetail:
    amount, currency = _own_amount(tx)
    parties = child(tx, "RltdPties")
    role = "Dbtr" if payer else "Cdtr"
    iban = compact(text(parties, role + "Acct", "Id", "IBAN"))
    reference = text(tx, "Refs", "EndToEndId")
    remittance, creditor_reference = _remittance(child(tx, "RmtInf"))
    return LineDetail(
        amount=amount,
        currency=currency,
        name=_name(parties, role) or _name(parties, "Ultmt" + role),
        iban=iban if is_iban(iban) and iban != own else "",
        end_to_end_id="" if reference.upper() in _NO_REFERENCE else reference,
        creditor_reference=creditor_reference,
        remittance=remittance or text(tx, "AddtlTxInf", limit=500),
    )


def _own_amount(tx: etree._Element) -> tuple[int | None, str]:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt")):
        element = find(tx, *path)
        if element is not None:
            try:
                currency, amount = _amount(element)
            except Unusable:
                return None, ""
            return amount, currency
    return None, ""


def _name(parties: etree._Element | None, role: str) -> str:
    return text(parties, role, "Nm", limit=140) or text(parties, role, "Pty", "Nm", limit=140)


def _remittance(info: etree._Element | None) -> tuple[str, str]:
    if info is None:
        return "", ""
    texts, references = [], []
    for part in children(info):
        if local(part) == "Ustrd":
            texts.append(clean(part.text or "", 500))
        elif local(part) == "Strd":
            reference = text(part, "CdtrRefInf", "Ref") or text(part, "CdtrRefInf", "CdtrRef")
            references.append(reference)
            texts.extend(text(doc, "Nb") for doc in children(part, "RfrdDocInf"))
            texts.extend(clean(t.text or "", 500) for t in children(part, "AddtlRmtInf"))
    found = [reference for reference in references if reference]
    # More than one reference has no single place; they stay findable in the text.
    texts.extend(found if len(found) > 1 else [])
    joined = " ".join(t for t in texts if t)[:_MAX_TEXT]
    return joined, found[0] if len(found) == 1 else ""


def _split(line: StatementLine, entry: etree._Element, own: str) -> list[StatementLine] | None:
    """One line per transaction where the bank gives each its amount and they make up the entry."""
    transactions = _transactions(entry)
    if len(transactions) < 2:
        return None
    parts = []
    for tx in transactions:
        sign = _SIGNS.get(text(tx, "CdtDbtInd"), 1 if line.amount > 0 else -1)
        detail = _detail(tx, payer=(sign > 0) != line.reversal, own=own)
        if not detail.amount or detail.amount < 0 or detail.currency != line.currency:
            return None
        parts.append(
            replace(
                line,
                amount=sign * detail.amount,
                name=detail.name,
                iban=detail.iban,
                end_to_end_id=detail.end_to_end_id,
                creditor_reference=detail.creditor_reference,
                remittance=detail.remittance,
                batch_count=len(transactions),
                details=(),
            )
        )
    return parts if sum(part.amount for part in parts) == line.amount else None


def _common(values: list[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""


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
