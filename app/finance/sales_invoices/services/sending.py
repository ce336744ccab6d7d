"""An invoice leaves: by mail with its file, or handed over by people themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from html import escape
from typing import Any
from uuid import UUID

from babel.dates import format_date
from babel.numbers import format_currency

from app.directory import endpoints
from app.documents.language import translator
from app.documents.models import DocumentVersion
from app.documents.queries import get_version_by_id
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.models import InvoiceStanding, SalesInvoice
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.arriving import VERB, mail_key
from app.finance.sales_invoices.services.drafting import WORK
from app.finance.sales_invoices.services.settings import get_seller
from app.finance.sales_invoices.services.standing import settle
from app.finance.sales_invoices.services.telling import tell
from app.finance.sales_invoices.services.validating import note_event
from app.finance.sales_invoices.transitions import check, left_of
from app.finance.sales_invoices.words import TYPES
from tenants import audit, outbox
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.money import Money
from tenants.core.text import _m
from tenants.permissions import Actor

REASONS = {
    "": _m("Its file isn't there yet."),
    "making": _m("Its file is being written. Try again in a moment."),
    "invalid": _m("Its file breaks rules of the receiver's country. The slip says which."),
    "not_validated": _m(
        "Its file couldn't be checked by all the rules of the receiver's country. The slip says "
        "which are missing."
    ),
    "failed": _m("Its file couldn't be written in this form."),
}
SUBJECT = _m("%(type)s %(number)s of %(seller)s")
BODY = _m(
    "Hello,\n\nattached is our %(type)s %(number)s of %(day)s over %(amount)s.%(due)s\n\n"
    "Kind regards\n%(seller)s"
)
DUE = _m(" It is due on %(day)s.")
REST = _m(" Of it %(left)s is still to be paid, due on %(day)s.")
NOTHING_LEFT = _m(" Nothing of it is left to pay.")


class NotSendable(Conflict):
    code = "invoice_not_sendable"


def send_invoice(
    *, invoice_id: UUID, to: str = "", otherwise: bool = False, actor: Actor, now: datetime
) -> Kept:
    """To the address, or as people say that they handed it over themselves (a platform, a portal).
    It never leaves before every rule of its receiver's country has passed."""
    actor.require(WORK, "finance")
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    row, standing = kept.invoice, kept.standing
    to = require_sendable(kept, to, otherwise=otherwise)
    stay(standing)
    standing.undelivered_at, standing.undelivered_to = None, ""
    facts = {"to": to}
    if not otherwise:
        facts |= {"mail": str(standing.version), "by": str(actor.user_id or "")}
        _promise_mail(kept, to, facts["mail"], actor)
    if standing.sent_at is None:
        standing.sent_at, standing.sent_by_name = now, actor.name
    standing.sent_to = to if not otherwise else ""
    standing.version += 1
    settle(kept, now=now)
    note_event(row.id, "handed_over" if otherwise else "sent", actor.name, now, **facts)
    audit.record(
        "finance.sales_invoice.sent", actor=actor, now=now, object_type="sales_invoice",
        object_id=row.id, by="hand" if otherwise else "mail",
    )  # fmt: skip
    tell(("sent", kept), now=now)
    db.session.flush()
    return kept


def require_sendable(kept: Kept, to: str, *, otherwise: bool = False) -> str:
    """The address as it is written to."""
    standing, to = kept.standing, to.strip()
    first = standing.sent_at is None and standing.state == "validated"
    check("send" if first else "send_again", standing.state)
    if standing.files != "valid":
        raise NotSendable(REASONS[standing.files])
    if not otherwise:
        try:
            return endpoints.read("EM", to)
        except ValueError as error:
            raise Invalid(field_errors={"to": [str(error)]}) from error
    return to


def stay(standing: InvoiceStanding) -> None:
    """What was about to leave doesn't any more."""
    standing.leaves_at, standing.leaves_to, standing.leaves_by_name = None, "", ""


def files_of(kept: Kept, reader: Actor) -> list[DocumentVersion]:
    """The file that counts first."""
    ids = (kept.standing.file_version_id, kept.standing.view_version_id)
    return [get_version_by_id(actor=reader, version_id=one).version for one in ids if one]


def _promise_mail(kept: Kept, to: str, mail: str, actor: Actor) -> None:
    row, seller = kept.invoice, get_seller()
    words = _words(kept, seller.party.name)
    outbox.send(
        kind="mail", verb=VERB, dedupe_key=mail_key(row.id, mail),
        params={
            "to": to, **words, "from_name": seller.party.name, "reply_to": seller.party.email,
            "file_ids": [str(one.file_id) for one in files_of(kept, actor)],
        },
        queue="interactive",
    )  # fmt: skip


def _words(kept: Kept, seller: str) -> dict[str, Any]:
    """In the invoice's language."""
    row = kept.invoice
    say = translator(row.language)
    assert row.issued_on is not None
    facts = {
        "type": say(TYPES[row.type]), "number": row.number, "seller": seller,
        "day": _day(row.issued_on, row.language), "due": _due(kept, say),
        "amount": _amount(row.gross, row),
    }  # fmt: skip
    text = say(BODY) % facts
    paragraphs = "".join(
        f"<p>{escape(one).replace(chr(10), '<br>')}</p>" for one in text.split("\n\n")
    )
    return {
        "subject": " ".join((say(SUBJECT) % facts).split()), "text": f"{text}\n",
        "html": f"<!doctype html><html lang=\"{row.language}\"><body>{paragraphs}</body></html>",
    }  # fmt: skip


def _due(kept: Kept, say: Callable[[str], str]) -> str:
    """What of it is still to be paid until when, as things stand now."""
    row = kept.invoice
    if row.type == "381" or row.due_on is None:
        return ""
    left = left_of(due=row.due, standing=kept.standing)
    if left <= 0:
        return say(NOTHING_LEFT)
    facts = {"day": _day(row.due_on, row.language), "left": _amount(left, row)}
    return say(DUE if left == row.gross else REST) % facts


def _amount(amount: int, row: SalesInvoice) -> str:
    plain = Money(amount, row.currency).amount
    return str(format_currency(plain, row.currency, locale=row.language))


def _day(day: date, language: str) -> str:
    return str(format_date(day, "long", locale=language))
