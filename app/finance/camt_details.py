"""What a camt entry says of its single transactions: parties, references, charges, invoices."""

from collections.abc import Iterator

from lxml import etree

from app.finance.camt_xml import child, children, find, local, text
from app.finance.currencies import TooPrecise, is_currency, parse_minor
from app.finance.iban import compact, is_iban
from app.finance.read_results import DocumentRef, LineDetail
from app.spreadsheets.plain_text import clean
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

SIGNS = {"CRDT": 1, "DBIT": -1}
NO_REFERENCE = {"NOTPROVIDED", "NONREF", "NOT PROVIDED"}
MAX_TEXT = 2000
_MAX_DOCUMENTS = 50


class Unusable(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def read_amount(element: etree._Element | None) -> tuple[str, int]:
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


def transactions(entry: etree._Element) -> list[etree._Element]:
    found = [tx for group in children(entry, "NtryDtls") for tx in children(group, "TxDtls")]
    return found or list(children(entry, "TxDtls"))


def detail(tx: etree._Element, *, payer: bool, own: str) -> LineDetail:
    amount, currency = own_amount(tx)
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
        end_to_end_id="" if reference.upper() in NO_REFERENCE else reference,
        creditor_reference=creditor_reference,
        remittance=remittance or text(tx, "AddtlTxInf", limit=500),
    )


def own_amount(tx: etree._Element) -> tuple[int | None, str]:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt")):
        element = find(tx, *path)
        if element is not None:
            try:
                currency, amount = read_amount(element)
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
    joined = " ".join(t for t in texts if t)[:MAX_TEXT]
    return joined, found[0] if len(found) == 1 else ""


def charges(entry: etree._Element, currency: str) -> int:
    """Fees inside the booked amount, in its currency; those for information only don't count."""
    groups = list(children(entry, "Chrgs"))
    if not groups:
        groups = [group for tx in transactions(entry) for group in children(tx, "Chrgs")]
    total = sum(_charge(part, currency) for group in groups for part in _records(group))
    return total if total > 0 else _kept_back(entry, currency)


def _records(group: etree._Element) -> Iterator[etree._Element]:
    found = list(children(group, "Rcrd"))
    if found:
        yield from found
    else:
        yield group


def _charge(part: etree._Element, currency: str) -> int:
    if text(part, "ChrgInclInd").lower() in ("false", "0"):
        return 0
    amount = child(part, "Amt")
    found, value = _readable(amount if amount is not None else child(part, "TtlChrgsAndTaxAmt"))
    sign = -1 if text(part, "CdtDbtInd") == "CRDT" else 1
    return sign * value if found == currency else 0


def _kept_back(entry: etree._Element, currency: str) -> int:
    """What the payer instructed but a bank on the way kept, where nobody lists it as a charge."""
    found = transactions(entry)
    if len(found) != 1 or text(entry, "CdtDbtInd") != "CRDT":
        return 0
    instructed = _readable(find(found[0], "AmtDtls", "InstdAmt", "Amt"))
    booked = _readable(child(entry, "Amt"))
    same = instructed[0] == booked[0] == currency
    return max(instructed[1] - booked[1], 0) if same else 0


def _readable(element: etree._Element | None) -> tuple[str, int]:
    try:
        return read_amount(element)
    except Unusable:
        return "", 0


def documents(tx: etree._Element, currency: str) -> tuple[DocumentRef, ...]:
    """Invoices of the structured remittance; an amount where the block names one invoice alone."""
    found: list[DocumentRef] = []
    info = child(tx, "RmtInf")
    for part in children(info, "Strd") if info is not None else ():
        numbers = [n for doc in children(part, "RfrdDocInf") if (n := text(doc, "Nb"))]
        amount = _document_amount(part, currency) if len(numbers) == 1 else None
        found.extend(DocumentRef(number, amount) for number in numbers)
    return tuple(found[:_MAX_DOCUMENTS])


def _document_amount(part: etree._Element, currency: str) -> int | None:
    for name, sign in (("RmtdAmt", 1), ("DuePyblAmt", 1), ("CdtNoteAmt", -1)):
        found, value = _readable(find(part, "RfrdDocAmt", name))
        if found == currency and value:
            return sign * value
    return None


def returned(tx: etree._Element) -> str:
    """Why a payment came back, as its code or in the bank's words."""
    info = child(tx, "RtrInf")
    if info is None:
        return ""
    code = text(info, "Rsn", "Cd") or text(info, "Rsn", "Prtry") or text(info, "RtrRsn", "Cd")
    return code or text(info, "AddtlInf", limit=140) or "?"
