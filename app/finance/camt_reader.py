import re
from collections.abc import Iterator
from datetime import date

from lxml import etree

from app.finance.camt_entries import EntryReader
from app.finance.camt_xml import child, children, day, find, local, text
from app.finance.currencies import is_currency, parse_minor
from app.finance.iban import compact, is_iban
from app.finance.read_results import Balance, FileRefused, Reason, Statement, StatementFile
from tenants.core.text import _m

MAX_BYTES = 30_000_000
MAX_ENTRIES = 50_000

_NAMESPACE = re.compile(r"camt\.053\.001\.([0-9]{2})$")
_OTHER_MESSAGE = re.compile(r"\b((?:camt|pain|pacs|head|acmt|admi)\.[0-9]{3})\.[0-9]{3}\.[0-9]{2}$")
_ROOTS = {"BkToCstmrStmt": None, "BkToCstmrStmtV01": 1}
_MESSAGES = {
    "BkToCstmrAcctRpt": "camt.052",
    "BkToCstmrAcctRptV01": "camt.052",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
    "BkToCstmrDbtCdtNtfctnV01": "camt.054",
    "CstmrCdtTrfInitn": "pain.001",
    "CstmrPmtStsRpt": "pain.002",
    "CstmrDrctDbtInitn": "pain.008",
}
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
# A statement cut into pages carries interim booked balances at the cuts.
_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD",)
_INTERIM = "ITBD"


def read_camt053(data: bytes) -> StatementFile:
    root = _parse(data)
    message, version = _message(root)
    message_id = text(message, "GrpHdr", "MsgId", limit=140)
    found = list(children(message, "Stmt"))
    if not found:
        raise FileRefused(_m("The file holds no bank statement."), code="no_statement")
    entries = sum(1 for stmt in found for _ in children(stmt, "Ntry"))
    if entries > MAX_ENTRIES:
        raise FileRefused(
            _m("The file holds %(found)s entries; at most %(limit)s are taken at once."),
            code="too_many_entries",
            found=entries,
            limit=MAX_ENTRIES,
        )
    statements = tuple(_statement(stmt, message_id) for stmt in found)
    return StatementFile("camt.053", version, message_id, statements)


def _parse(data: bytes) -> etree._Element:
    if not data.strip():
        raise FileRefused(_m("The file is empty."), code="empty")
    if len(data) > MAX_BYTES:
        raise FileRefused(
            _m("The file is larger than %(limit)s MB."),
            code="too_large",
            limit=MAX_BYTES // 1_000_000,
        )
    if _DOCTYPE.search(data):
        raise _doctype()
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise FileRefused(
            _m("The file is not readable XML (line %(line)s)."), code="not_xml", line=line
        ) from error
    # Seen only in an encoding in which the search above is blind, UTF-16 for one.
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    return root


def _doctype() -> FileRefused:
    return FileRefused(
        _m("The file declares a document type or entities. For safety such files are not read."),
        code="doctype",
    )


def _message(root: etree._Element) -> tuple[etree._Element, int]:
    document = root if local(root) == "Document" else child(root, "Document")
    if document is None:
        raise FileRefused(
            _m("This is not a bank statement in camt.053: it begins with “%(found)s”."),
            code="not_camt",
            found=local(root)[:60],
        )
    message = next(iter(children(document)), None)
    if message is None:
        raise FileRefused(_m("The file holds no bank statement."), code="no_statement")
    namespace = etree.QName(message).namespace or ""
    match = _NAMESPACE.search(namespace)
    other = _OTHER_MESSAGE.search(namespace)
    if local(message) in _ROOTS and (match or not other):
        return message, int(match.group(1)) if match else _ROOTS[local(message)] or 0
    found = other.group(1) if other else _MESSAGES.get(local(message), local(message)[:60])
    if found in ("camt.052", "camt.054"):
        raise FileRefused(
            _m(
                "This is a %(found)s message. It carries no full statement with both balances: "
                "please ask the bank for camt.053."
            ),
            code="other_message",
            found=found,
        )
    raise FileRefused(
        _m("This is a %(found)s message; a bank statement in camt.053 is needed."),
        code="other_message",
        found=found,
    )


def _statement(stmt: etree._Element, message_id: str) -> Statement:
    account, account_is_iban = _account(stmt)
    balances = list(_balances(stmt))
    currency = text(stmt, "Acct", "Ccy") or _main_currency(stmt, balances)
    opening, closing, problem = _pick(balances, currency)
    starts_on = _moment(stmt, "FrDtTm", "FrDt") or (opening.on if opening else None)
    ends_on = _moment(stmt, "ToDtTm", "ToDt") or (closing.on if closing else None)
    reader = EntryReader(currency=currency, account=account, ends_on=ends_on)
    for entry in children(stmt, "Ntry"):
        reader.read(entry)
    return Statement(
        message_id=message_id,
        statement_id=text(stmt, "Id", limit=140),
        account=account,
        account_is_iban=account_is_iban,
        account_owner=text(stmt, "Acct", "Ownr", "Nm", limit=140)
        or text(stmt, "Acct", "Ownr", "Pty", "Nm", limit=140),
        currency=currency,
        sequence_number=text(stmt, "ElctrncSeqNb", limit=40) or text(stmt, "LglSeqNb", limit=40),
        copy_indicator=text(stmt, "CpyDplctInd", limit=10),
        created_on=day(text(stmt, "CreDtTm")),
        starts_on=starts_on,
        ends_on=ends_on,
        opening=opening,
        closing=closing,
        balance_problem=problem,
        lines_in=len(reader.lines) + len(reader.rejects),
        lines=tuple(reader.lines),
        rejects=tuple(reader.rejects),
    )


def _account(stmt: etree._Element) -> tuple[str, bool]:
    raw = text(stmt, "Acct", "Id", "IBAN") or text(stmt, "Acct", "Id", "Othr", "Id", limit=60)
    raw = raw or text(stmt, "Acct", "Id", "PrtryAcct", "Id", limit=60)
    tight = compact(raw)
    return (tight, True) if is_iban(tight) else (raw, False)


def _moment(stmt: etree._Element, *names: str) -> date | None:
    return next((d for n in names if (d := day(text(stmt, "FrToDt", n)))), None)


def _balances(stmt: etree._Element) -> Iterator[Balance]:
    for balance in children(stmt, "Bal"):
        amount = child(balance, "Amt")
        currency = (amount.get("Ccy") or "") if amount is not None else ""
        try:
            minor = parse_minor(text(balance, "Amt"), currency)
        except ValueError:
            continue
        sign = {"CRDT": 1, "DBIT": -1}.get(text(balance, "CdtDbtInd"))
        if sign is None or not is_currency(currency):
            continue
        on = find(balance, "Dt")
        moment = (text(on, "Dt") or text(on, "DtTm")) if on is not None else ""
        kind = text(balance, "Tp", "CdOrPrtry", "Cd") or text(balance, "Tp", "Cd")
        yield Balance(kind, sign * minor, currency, day(moment))


def _main_currency(stmt: etree._Element, balances: list[Balance]) -> str:
    for kinds in (_OPENING, _CLOSING, (_INTERIM,)):
        for balance in balances:
            if balance.kind in kinds:
                return balance.currency
    for entry in children(stmt, "Ntry"):
        amount = child(entry, "Amt")
        if amount is not None and is_currency(amount.get("Ccy") or ""):
            return str(amount.get("Ccy"))
    return ""


def _pick(
    balances: list[Balance], currency: str
) -> tuple[Balance | None, Balance | None, Reason | None]:
    interim = [b for b in balances if b.kind == _INTERIM]
    opening = _of_kind(balances, _OPENING, currency)
    closing = _of_kind(balances, _CLOSING, currency)
    if interim and opening is None and (closing is not None or len(interim) > 1):
        opening = interim.pop(0)
    if interim and closing is None:
        closing = interim[-1]
    if opening is None and closing is None:
        problem = Reason(
            "balances_missing", _m("The statement has no opening and closing balance.")
        )
    elif opening is None:
        problem = Reason("opening_missing", _m("The statement has no opening balance."))
    elif closing is None:
        problem = Reason("closing_missing", _m("The statement has no closing balance."))
    elif {opening.currency, closing.currency} != {currency}:
        problem = Reason(
            "balance_currencies",
            _m(
                "The opening balance is in %(opening)s, the closing balance in %(closing)s, the "
                "account in %(account)s: they can't be compared."
            ),
            {
                "opening": opening.currency,
                "closing": closing.currency,
                "account": currency,
            },
        )
    else:
        return opening, closing, None
    return opening, closing, problem


def _of_kind(balances: list[Balance], kinds: tuple[str, ...], currency: str) -> Balance | None:
    for kind in kinds:
        found = [b for b in balances if b.kind == kind]
        # An account kept in several currencies has one balance in each.
        own = [b for b in found if b.currency == currency]
        if own or found:
            return (own or found)[0]
    return None
