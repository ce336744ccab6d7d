"""Each client's first requests, made by our own services as their people and operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.demo.cast import GRANTS, LINES, STAFF, DemoClient
from app.demo.payments import files_of, month_before
from app.service_requests.models import ServiceRequest
from app.service_requests.services.conversation import add_note, ask_question, send_message
from app.service_requests.services.intake import Upload, raise_request
from app.service_requests.services.timekeeping import record_time
from app.service_requests.services.work import assign_to_me, start_work
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.queries import list_members, list_staff

SEED = 20


@dataclass(frozen=True, slots=True)
class Story:
    """A request, how long ago it came and how far it is; `reply` is the operator's message.
    Without an `item` it is the general one of its line."""

    line: str
    title: str
    details: str
    hours_ago: int
    state: str = "new"
    reply: str = ""
    question: str = ""
    note: str = ""
    item: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


STORIES: Mapping[str, Sequence[Story]] = {
    "lentier": (
        Story("logistics", "Palette refusée à la livraison de Rennes",
              "Le transporteur signale 1 palette refusée sur 12 (film déchiré). Merci de voir "
              "avec lui qui la reprend et quand.", 20, "in_progress",
              reply="Bonjour, j'ai le transporteur au téléphone ce matin et je reviens vers vous."),
        Story("administration", "Relance assurance flotte",
              "Nous attendons toujours l'attestation de la nouvelle camionnette.", 30,
              "waiting_client", question="Quelle est l'immatriculation de la camionnette ?"),
        Story("hr", "Attestation d'emploi pour M. Le Goff",
              "Il en a besoin pour sa banque, avec l'ancienneté.", 3),
    ),
    "hallertau": (
        Story("sales", "Angebot Silofutter für Agrarhandel Wolnzach",
              "24 t lose, Lieferung KW 49, bitte mit zwei Zahlungszielen rechnen.", 26,
              "in_progress", note="Preis der letzten Lieferung steht im Vorgang vom Sommer."),
        Story("finance", "Mahnung der Stadtwerke prüfen",
              "Laut unserer Buchhaltung ist die Rechnung bezahlt. Bitte klären.", 7, "assigned"),
        Story("hr", "Urlaubskonten zum Monatsende",
              "Bitte die Stände für die fünf Fahrer zusammenstellen.", 50, "waiting_client",
              question="Zählt der Resturlaub von Herrn Bauer aus dem Vorjahr noch mit?"),
        Story("it", "Zugänge für Frau Aigner, Disposition", "", 6, "assigned",
              item="access_change",
              values={"change": "joins", "effective_on": "2027-01-04", "position": "Disponentin",
                      "manager": "admin@hallertau.example",
                      "access": "E-Mail, Warenwirtschaft, Tourenplanung",
                      "devices": "Notebook, Telefon", "remarks": ""}),
        Story("legal", "Wartungsvertrag der Siloanlage heraussuchen",
              "Wann läuft er aus, und bis wann müssten wir kündigen?", 9),
    ),
    "forgeval": (
        Story("finance", "Factures fournisseurs de la semaine",
              "Onze factures à saisir, les originaux arrivent par courrier.", 28, "in_progress",
              reply="Bonjour, neuf factures sont saisies ; les deux dernières suivent demain."),
        Story("sales", "Devis Mécanique du Rhin à relancer",
              "Devis de 18 400 € envoyé il y a trois semaines, sans réponse.", 5, "assigned"),
        Story("logistics", "Enlèvement express pour Strasbourg",
              "Deux caisses de 80 kg, à prendre demain avant midi.", 2),
        Story("quality", "Bavures sur le lot 4471", "", 10, "in_progress",
              item="nonconformity",
              values={"found_on": "2026-11-18", "origin": "customer", "severity": "minor",
                      "lot": "4471", "quantity": 120,
                      "description": "Le client signale des bavures sur une pièce sur dix.",
                      "containment": "Le reste du lot est bloqué en stock.",
                      "owner": "admin@forgeval.example"}),
        Story("marketing", "Texte pour le salon de Lyon",
              "Dix lignes sur la nouvelle presse, pour le catalogue des exposants.", 12),
    ),
}  # fmt: skip
ACTIVITY = {"fr": "Prise en charge", "de": "Vorgang aufgenommen"}


def fill_requests(client: DemoClient, now: datetime) -> None:
    """Only a client without any request gets these."""
    any_request = select(ServiceRequest.id).where(ServiceRequest.tenant_id == client.id).limit(1)
    if db.session.execute(any_request).first():
        return
    user, operator = find_member(client, "user"), operator_of(client)
    assert user is not None
    _raise_control(client, user, now - timedelta(hours=4))
    for story in STORIES[client.slug]:
        _tell(client, story, user, operator, now)


def _tell(client: DemoClient, story: Story, user: Actor, operator: Actor, now: datetime) -> None:
    at = now - timedelta(hours=story.hours_ago)
    request = raise_request(
        actor=user, now=at, item_code=story.item or f"{story.line}_question",
        values=_values(story),
        uploads=[],
    )  # fmt: skip
    if story.state == "new":
        return
    at += timedelta(minutes=25)
    assign_to_me(request=request, actor=operator, now=at)
    if story.state == "assigned":
        return
    at += timedelta(minutes=10)
    start_work(request=request, actor=operator, now=at)
    record_time(
        request=request, actor=operator, now=at, minutes=15,
        worked_on=at.astimezone(ZoneInfo(client.time_zone)).date(),
        activity=ACTIVITY[client.language],
    )  # fmt: skip
    if story.note:
        add_note(request=request, actor=operator, now=at, body=story.note)
    if story.reply:
        send_message(request=request, actor=operator, now=at, body=story.reply, uploads=[])
    if story.question:
        ask_question(request=request, actor=operator, now=at, body=story.question)


def _values(story: Story) -> dict[str, Any]:
    if story.item:
        return {"title": story.title, **story.values}
    return {"title": story.title, "details": story.details, "wanted_on": None}


def _raise_control(client: DemoClient, user: Actor, at: datetime) -> None:
    """The job that reads its files runs as soon as there is a worker."""
    month = month_before(at.astimezone(ZoneInfo(client.time_zone)).date())
    made = files_of(client, month=month, seed=SEED)
    stem = f"{month:%Y-%m}"
    raise_request(
        actor=user, now=at, item_code="payment_control",
        values={"period": stem, "details": ""},
        uploads=[
            Upload("open_items", f"open-items-{stem}.csv", "text/csv", made.open_items_csv),
            Upload("statement", f"statement-{stem}.xml", "application/xml", made.statement_xml),
        ],
    )  # fmt: skip


def find_member(client: DemoClient, mailbox: str) -> Actor | None:
    """None of whoever was removed since then."""
    found = (one for one in list_members() if one.email.startswith(f"{mailbox}@"))
    member = next(found, None)
    if member is None:
        return None
    return Actor(
        user_id=member.user_id, name=member.display_name, side="client", tenant_id=client.id,
        role=member.role, approver=member.approver, lines=dict.fromkeys(member.lines, ""),
    )  # fmt: skip


def operator_of(client: DemoClient) -> Actor:
    mailbox = next(
        one for one, (slugs, level) in reversed(GRANTS.items())
        if client.slug in slugs and level == "work"
    )  # fmt: skip
    name = next(person.name for person in STAFF if person.mailbox == mailbox)
    return Actor(
        user_id=_staff_id(name), name=name, side="provider", tenant_id=client.id,
        role="operator", lines=dict.fromkeys(LINES, "work"),
    )  # fmt: skip


def _staff_id(name: str) -> UUID:
    return next(one.user_id for one in list_staff() if one.display_name == name)
