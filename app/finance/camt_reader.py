"""Bank statements in ISO 20022: camt.053, and camt.052 and camt.054 for want of it. Streamed, so
that a file of 50,000 entries needs little more memory than its bytes."""

import io
import re
from collections.abc import Iterator
from datetime import date

from lxml import etree

from app.finance.balances import balance_problem
from app.finance.camt_entries import EntryReader
from app.finance.camt_xml import child, children, day, find, local, text
from app.finance.currencies import is_currency, parse_minor
from app.finance.iban import compact, is_iban
from app.finance.limits import CHUNK_LINES, MAX_BYTES, MAX_ENTRIES, too_large, too_many
from app.finance.read_results import Balance, Event, FileEnd, StatementHead
from app.spreadsheets.reasons import FileRefused, Reason
from tenants.core.text import _m

# Root element without its version -> message and the element of one statement.
_ROOTS = {
    "BkToCstmrStmt": ("camt.053", "Stmt"),
    "BkToCstmrAcctRpt": ("camt.052", "Rpt"),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", "Ntfctn"),
}
_OTHER = {
    "CstmrCdtTrfInitn": "pain.001",
    "CstmrPmtStsRpt": "pain.002",
    "CstmrDrctDbtInitn": "pain.008",
}
_STATEMENTS = tuple(name for _message, name in _ROOTS.values())
_TAGS = tuple(f"{{*}}{name}" for name in (*_STATEMENTS, "Ntry"))
_NAMESPACE = re.compile(r"\b((?:camt|pain|pacs|head|acmt|admi)\.[0-9]{3})\.[0-9]{3}\.([0-9]{2})$")
_VERSION_IN_NAME = re.compile(r"V([0-9]{2})$")
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
# A statement cut into pages carries interim booked balances at the cuts.
_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD",)
_INTERIM = "ITBD"
# Business messages are wrapped in an envelope with a header of its own.
_MAX_ENVELOPE = 200


def read_camt(data: bytes) -> Iterator[Event]:
    if not data.strip():
        raise FileRefused(_m("The file is empty."), code="empty")
    if len(data) > MAX_BYTES:
        raise too_large()
    if _DOCTYPE.search(data):
        raise _doctype()
    message, version = _message(data)
    reader = _FileReader(_message_id(data))
    for action, element in _parsed(data, ("start", "end"), _TAGS):
        yield from reader.see(action, element)
    if not reader.statements:
        raise FileRefused(_m("The file holds no bank statement."), code="no_statement")
    yield FileEnd(message, version, reader.message_id)


class _FileReader:
    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        self.statements = 0
        self._lines = 0
        self._entries: EntryReader | None = None

    def see(self, action: str, element: etree._Element) -> Iterator[Event]:
        name = local(element)
        if action == "start":
            if name != "Ntry":
                self._entries = None
            return
        if name == "Ntry":
            yield from self._entry(element)
        else:
            yield from self._statement(element)

    def _entry(self, entry: etree._Element) -> Iterator[Event]:
        parent = entry.getparent()
        if parent is None or local(parent) not in _STATEMENTS:
            return
        if self._entries is None:
            self._entries = _entries(parent)
        entries = self._entries
        before = entries.count + entries.rejected
        entries.read(entry)
        self._lines += entries.count + entries.rejected - before
        if self._lines > MAX_ENTRIES:
            raise too_many()
        _forget(entry)
        if entries.waiting >= CHUNK_LINES:
            yield entries.take()

    def _statement(self, stmt: etree._Element) -> Iterator[Event]:
        entries = self._entries or _entries(stmt)
        self._entries = None
        self.statements += 1
        if entries.waiting:
            yield entries.take()
        yield _head(stmt, self.message_id, entries)
        stmt.clear()


def _forget(entry: etree._Element) -> None:
    """The element itself is still the parser's: it is emptied now and removed by its follower."""
    entry.clear()
    before, parent = entry.getprevious(), entry.getparent()
    if before is not None and parent is not None and local(before) == "Ntry":
        parent.remove(before)


def _parsed(
    data: bytes, events: tuple[str, ...], tags: tuple[str, ...] | None = None
) -> Iterator[tuple[str, etree._Element]]:
    try:
        yield from etree.iterparse(
            io.BytesIO(data), events=events, tag=tags, resolve_entities=False, no_network=True,
            load_dtd=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise FileRefused(
            _m("The file is not readable XML (line %(line)s)."), code="not_xml", line=line
        ) from error


def _doctype() -> FileRefused:
    return FileRefused(
        _m("The file declares a document type or entities. For safety such files are not read."),
        code="doctype",
    )


def _message(data: bytes) -> tuple[str, int]:
    first, inside = "", False
    for count, (_action, element) in enumerate(_parsed(data, ("start",))):
        if not first:
            # Seen only in an encoding in which the search above is blind, UTF-16 for one.
            if element.getroottree().docinfo.internalDTD is not None:
                raise _doctype()
            first = local(element)
        if inside:
            return _named(element)
        inside = local(element) == "Document"
        if count > _MAX_ENVELOPE:
            break
    if inside:
        raise FileRefused(_m("The file holds no bank statement."), code="no_statement")
    raise FileRefused(
        _m(
            "This is no bank statement in camt.053, camt.052 or camt.054: it begins with “%(found)s”."
        ),
        code="not_camt",
        found=first[:60],
    )


def _named(message: etree._Element) -> tuple[str, int]:
    match = _NAMESPACE.search(etree.QName(message).namespace or "")
    in_name = _VERSION_IN_NAME.search(local(message))
    name = _VERSION_IN_NAME.sub("", local(message))
    told = match.group(1) if match else ""
    known, _statement = _ROOTS.get(name, ("", ""))
    if known and told in ("", known):
        return known, int(match.group(2)) if match else int(in_name.group(1)) if in_name else 0
    raise FileRefused(
        _m(
            "This is a %(found)s message; a bank statement in camt.053 (or camt.052, camt.054) is "
            "needed."
        ),
        code="other_message",
        found=told or _OTHER.get(name, name[:60]),
    )


def _message_id(data: bytes) -> str:
    for _action, header in _parsed(data, ("end",), ("{*}GrpHdr", "{*}Ntry")):
        return text(header, "MsgId", limit=140) if local(header) == "GrpHdr" else ""
    return ""


def _entries(stmt: etree._Element) -> EntryReader:
    """What stands before the entries is known by the first of them."""
    balances = list(_balances(stmt))
    currency = text(stmt, "Acct", "Ccy") or _main_currency(balances)
    closing = _of_kind(balances, _CLOSING, currency)
    return EntryReader(
        currency=currency,
        account=_account(stmt)[0],
        ends_on=_moment(stmt, "ToDtTm", "ToDt") or (closing.on if closing else None)
        or day(text(stmt, "CreDtTm")),
    )  # fmt: skip


def _head(stmt: etree._Element, message_id: str, entries: EntryReader) -> StatementHead:
    account, account_is_iban = _account(stmt)
    balances = list(_balances(stmt))
    currency = text(stmt, "Acct", "Ccy") or _main_currency(balances) or entries.currency
    opening, closing, problem = _pick(balances, currency)
    return StatementHead(
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
        starts_on=_moment(stmt, "FrDtTm", "FrDt")
        or (opening.on if opening else None)
        or entries.first_day,
        ends_on=_moment(stmt, "ToDtTm", "ToDt")
        or (closing.on if closing else None)
        or entries.last_day,
        opening=opening,
        closing=closing,
        balance_problem=problem,
        lines_in=entries.count + entries.rejected,
        movements=entries.movements,
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


def _main_currency(balances: list[Balance]) -> str:
    for kinds in (_OPENING, _CLOSING, (_INTERIM,)):
        for balance in balances:
            if balance.kind in kinds:
                return balance.currency
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
    return opening, closing, balance_problem(opening, closing, currency)


def _of_kind(balances: list[Balance], kinds: tuple[str, ...], currency: str) -> Balance | None:
    for kind in kinds:
        found = [b for b in balances if b.kind == kind]
        # An account kept in several currencies has one balance in each.
        own = [b for b in found if b.currency == currency]
        if own or found:
            return (own or found)[0]
    return None
