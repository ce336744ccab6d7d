"""Sales invoices of two companies of the demonstration, one for each thing that can become of them.
Their files are written by the worker, as everybody's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.demo.cast import DemoClient
from app.demo.requests import operator_of
from app.directory.queries import list_parties
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.customers import get_buyer, usual_form
from app.finance.sales_invoices.models import SalesInvoice
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services import correcting, disputing, drafting, validating
from app.finance.sales_invoices.services.drafting import Wish
from app.finance.sales_invoices.services.standing import settle
from tenants.core.db import db
from tenants.permissions import Actor

Line = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Sale:
    """A line is what, quantity, price and rate of VAT; `then` what became of the invoice."""

    customer: str
    days_ago: int
    lines: Sequence[Line]
    then: str = "sent"
    type: str = "380"
    nature: str = "goods"
    order: str = ""
    reason: str = ""


SALES: Mapping[str, Sequence[Sale]] = {
    "lentier": (
        Sale("Épicerie du Marché SARL", 62,
             (("Sardines à l'huile d'olive, carton de 24", "18", "64.80", "5.5"),
              ("Terrine de maquereau, carton de 12", "6", "41.40", "5.5"))),
        Sale("Grossiste Aubrac SAS", 40,
             (("Développement d'une recette à votre marque, acompte de 30 %", "1", "1350", "20"),),
             "finished", "386", "services"),
        Sale("Cantines de l'Ouest", 33,
             (("Thon entier au naturel, boîte de 3 kg", "40", "28.90", "5.5"),
              ("Livraison", "1", "85", "20")), "disputed", nature="mixed", order="CMD-2211",
             reason="Quatre boîtes cabossées à la livraison."),
        Sale("Comptoir Maréchal SA", 21,
             (("Coffret dégustation", "120", "19.50", "5.5"),), "credited",
             reason="Dix coffrets revenus invendus"),
        Sale("Feinkost Alster GmbH", 9,
             (("Sardinen in Olivenöl, Karton zu 24", "30", "62.00", "K"),)),
        Sale("Cantines de l'Ouest", 3,
             (("Soupe de poisson, bocal de 780 g", "96", "4.35", "5.5"),), "validated",
             order="CMD-2274"),
        Sale("Épicerie du Marché SARL", 1,
             (("Rillettes de saumon, carton de 12", "8", "38.40", "5.5"),), "draft"),
    ),
    "hallertau": (
        Sale("Agrarhandel Wolnzach GmbH", 30,
             (("Silofutter lose, Tonne", "24", "212.50", "7"),)),
        Sale("Milchhof Aiglsbach eG", 24,
             (("Mineralfutter, Sack zu 25 kg", "90", "21.40", "7"),)),
        Sale("Milchhof Aiglsbach eG", 12,
             (("Rinderkraftfutter, Sack zu 25 kg", "160", "11.90", "7"),
              ("Anlieferung mit Kran", "1", "145", "19")), nature="mixed"),
        Sale("Landgestüt Oberland", 5,
             (("Pferdemüsli, Sack zu 20 kg", "80", "14.80", "7"),), "validated",
             order="B-2026-118"),
        Sale("Milchhof Aiglsbach eG", 0,
             (("Futterberatung, Stunde", "6", "78", "19"),), "draft", nature="services"),
    ),
}  # fmt: skip


def fill_invoices(client: DemoClient, now: datetime) -> None:
    """Once."""
    if client.slug not in SALES or db.session.scalar(select(SalesInvoice.id).limit(1)):
        return
    actor = operator_of(client)
    customers = {row.name: row.id for row in list_parties(role="customer").items}
    stories = [
        _tell(client, sale, customers[sale.customer], actor, now - timedelta(days=sale.days_ago))
        for sale in SALES[client.slug]
    ]
    coming = [(next(story), place) for place, story in enumerate(stories)]
    while coming:
        _, place = heappop(coming)
        for at in islice(stories[place], 1):
            heappush(coming, (at, place))


def _tell(
    client: DemoClient, sale: Sale, customer: UUID, actor: Actor, at: datetime
) -> Iterator[datetime]:
    """Yields when it goes on, for numbers follow the days."""
    yield at
    draft = drafting.create_draft(wish=_wish(client, sale, customer, at), actor=actor, now=at)
    if sale.then == "draft":
        return
    kept = _validated(draft, actor, at)
    if sale.then == "validated":
        return
    _handed_over(kept, actor, at)
    if sale.then == "disputed":
        disputing.dispute(
            invoice_id=draft.id, reason=sale.reason, actor=actor, now=at + timedelta(days=6)
        )
    if sale.then == "credited":
        later = at + timedelta(days=8)
        yield later
        made = correcting.credit(
            invoice_id=draft.id, share=Decimal(10), reason=sale.reason, actor=actor, now=later
        )
        _handed_over(_validated(made, actor, later), actor, later)
    if sale.then == "finished":
        later = at + timedelta(days=26)
        yield later
        made = correcting.finish(deposit_id=draft.id, actor=actor, now=later)
        wish = drafting.wish_of(made)
        whole = DraftLine(
            name="Développement d'une recette à votre marque", unit_price=Decimal(4500),
            rate=Decimal(20),
        )  # fmt: skip
        content = drafting.content_of(made)
        drafting.change_draft(
            invoice_id=made.id, expected_version=None, actor=actor, now=later,
            wish=_with(wish, content, whole),
        )  # fmt: skip
        _handed_over(_validated(made, actor, later), actor, later)


def _wish(client: DemoClient, sale: Sale, customer: UUID, at: datetime) -> Wish:
    buyer = get_buyer(customer)
    day = at.astimezone(ZoneInfo(client.time_zone)).date()
    return Wish(
        content=Draft(
            lines=tuple(_line(one) for one in sale.lines), nature=sale.nature, order=sale.order,
            delivered_on=day, **buyer.terms, buyer_reference=buyer.reference,
            delivery_name=buyer.delivery_name, delivery_address=buyer.delivery,
        ),
        type=sale.type, customer_id=customer, language=client.language, form=usual_form(buyer),
    )  # fmt: skip


def _line(line: Line) -> DraftLine:
    name, quantity, price, rate = line
    category = "S" if rate[0].isdigit() else rate
    return DraftLine(
        name=name, quantity=Decimal(quantity), unit_price=Decimal(price), category=category,
        rate=Decimal(rate) if category == "S" else Decimal(0),
    )  # fmt: skip


def _with(wish: Wish, content: Draft, line: DraftLine) -> Wish:
    return replace(wish, content=replace(content, lines=(line,)))


def _validated(draft: SalesInvoice, actor: Actor, at: datetime) -> Kept:
    return validating.validate_draft(
        invoice_id=draft.id, expected_version=None, actor=actor, now=at
    )


def _handed_over(kept: Kept, actor: Actor, at: datetime) -> None:
    """Seeding doesn't wait for the worker that writes the file, without which nothing is sent."""
    kept.standing.sent_at, kept.standing.sent_by_name = at, actor.name
    kept.standing.version += 1
    settle(kept, now=at)
    validating.note_event(kept.invoice.id, "handed_over", actor.name, at, to="")
    db.session.flush()
