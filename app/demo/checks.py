"""Two results of last week at one client: one right the first time, one that came back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.demo.cast import LINES, STAFF, DemoClient
from app.service_requests.checking.models import ReviewDraw
from app.service_requests.checking.queries import list_open_findings
from app.service_requests.checking.services.findings import Noted, mark_fixed
from app.service_requests.models import ServiceRequest
from app.service_requests.services.decisions import pass_review, return_from_review
from app.service_requests.services.intake import raise_request
from app.service_requests.services.moves import move
from app.service_requests.services.timekeeping import record_time
from app.service_requests.services.work import (
    assign_to_me,
    start_work,
    submit_for_review,
    upload_deliverable,
)
from tenants.core.db import db
from tenants.permissions import Actor, system_actor
from tenants.queries import list_staff

CLIENT = "hallertau"


@dataclass(frozen=True, slots=True)
class Checked:
    line: str
    title: str
    details: str
    result: str
    days_ago: int
    noted: tuple[Noted, ...] = ()


STORIES = (
    Checked("sales", "Auftragsbestätigung Raiffeisen Mainburg",
            "Bestellung vom Telefonat bitte bestätigen.", "Auftragsbestätigung", 9),
    Checked("logistics", "Lieferscheine der Kalenderwoche 46",
            "Bitte vollständig ablegen und Abweichungen melden.", "Übersicht der Lieferscheine", 8,
            (Noted("quantity", "major", "Lieferschein 4711: 24 t statt 22 t."),
             Noted("missing", "minor", "Die Unterschrift des Fahrers fehlt auf Seite 2."))),
)  # fmt: skip


def fill_checks(client: DemoClient, now: datetime) -> None:
    """Once, and only where the first requests are."""
    if client.slug != CLIENT or db.session.execute(select(ReviewDraw.id).limit(1)).first():
        return
    operator, supervisor = of_staff(client, "operator1"), of_staff(client, "supervisor")
    for story in STORIES:
        _tell(client, story, operator, supervisor, now - timedelta(days=story.days_ago))


def _tell(
    client: DemoClient, story: Checked, operator: Actor, supervisor: Actor, at: datetime
) -> None:
    request = raise_request(
        actor=operator, now=at, item_code=f"{story.line}_question",
        values={"title": story.title, "details": story.details, "wanted_on": None}, uploads=[],
    )  # fmt: skip
    assign_to_me(request=request, actor=operator, now=at)
    start_work(request=request, actor=operator, now=at)
    upload_deliverable(
        request=request, actor=operator, now=at, name="ergebnis.txt", content_type="text/plain",
        content=story.details.encode(), title=story.result,
    )  # fmt: skip
    _spend(client, request, operator, at, 45, "Bearbeitet")
    at += timedelta(hours=1)
    submit_for_review(request=request, actor=operator, now=at)
    if story.noted:
        at = _correct(client, story, request, operator, supervisor, at)
    at += timedelta(minutes=20)
    fixed = [one.id for one in list_open_findings(request_id=request.id)]
    pass_review(request=request, actor=supervisor, now=at, confirmed=fixed)
    closed = at + timedelta(days=5)
    move(request, "lapse", actor=system_actor(client.id), now=closed)


def _correct(
    client: DemoClient, story: Checked, request: ServiceRequest, operator: Actor,
    supervisor: Actor, at: datetime,
) -> datetime:  # fmt: skip
    at += timedelta(minutes=20)
    return_from_review(request=request, actor=supervisor, now=at, noted=story.noted)
    _spend(client, request, operator, at, 10, "Befunde behoben")
    at += timedelta(minutes=30)
    for one in list_open_findings(request_id=request.id):
        mark_fixed(request=request, finding_id=one.id, actor=operator, now=at)
    submit_for_review(request=request, actor=operator, now=at)
    return at


def _spend(
    client: DemoClient, request: ServiceRequest, operator: Actor, at: datetime, minutes: int,
    activity: str,
) -> None:  # fmt: skip
    record_time(
        request=request, actor=operator, now=at, minutes=minutes, activity=activity,
        worked_on=at.astimezone(ZoneInfo(client.time_zone)).date(),
    )  # fmt: skip


def of_staff(client: DemoClient, mailbox: str) -> Actor:
    person = next(one for one in STAFF if one.mailbox == mailbox)
    found = next(one for one in list_staff() if one.display_name == person.name)
    level = "review" if person.role == "supervisor" else "work"
    return Actor(
        user_id=found.user_id, name=person.name, side="provider", tenant_id=client.id,
        role=person.role, lines=dict.fromkeys(LINES, level),
    )  # fmt: skip
