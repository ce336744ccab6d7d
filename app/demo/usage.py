"""What was delivered this month to the company on a plan, so that its usage stands against what the
plan includes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.demo.billing import month_of
from app.demo.cast import DemoClient
from app.demo.checks import of_staff
from app.service_requests.models import Deliverable
from app.service_requests.services.decisions import pass_review
from app.service_requests.services.intake import raise_request
from app.service_requests.services.moves import move
from app.service_requests.services.timekeeping import record_time
from app.service_requests.services.work import (
    add_deliverable,
    assign_to_me,
    start_work,
    submit_for_review,
)
from tenants.core.db import db
from tenants.permissions import Actor, system_actor
from tenants.uploads import take_file

CLIENT = "lentier"
SHORTEST = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Done:
    """`ago`: how much of the month has passed since, as a part of what has passed of it."""

    line: str
    title: str
    result: str
    ago: float
    minutes: int
    measures: Mapping[str, int] = field(default_factory=dict)


STORIES = (
    Done("hr", "Bulletins de paie des saisonniers", "Bulletins de paie", 0.9, 95,
         {"payslips": 22}),
    Done("sales", "Commandes des cantines, première quinzaine", "Commandes saisies", 0.6, 130,
         {"orders_handled": 64, "invoices_issued": 41}),
    Done("logistics", "Livraisons vers Rennes et Vannes", "Bordereaux de livraison", 0.35, 75,
         {"deliveries": 118}),
    Done("sales", "Factures de la semaine", "Factures émises", 0.15, 90,
         {"invoices_issued": 35, "orders_handled": 12}),
)  # fmt: skip


def fill_usage(client: DemoClient, now: datetime) -> None:
    """Once."""
    known = select(Deliverable.id).where(Deliverable.kind == "file:demo").limit(1)
    if client.slug != CLIENT or db.session.execute(known).first():
        return
    operator, supervisor = of_staff(client, "operator1"), of_staff(client, "supervisor")
    passed = now - month_of(now)
    for story in STORIES:
        _tell(client, story, operator, supervisor, now - max(passed * story.ago, SHORTEST))


def _tell(
    client: DemoClient, story: Done, operator: Actor, supervisor: Actor, at: datetime
) -> None:
    request = raise_request(
        actor=operator, now=at, item_code=f"{story.line}_question", uploads=[],
        values={"title": story.title, "details": story.result, "wanted_on": None},
    )  # fmt: skip
    assign_to_me(request=request, actor=operator, now=at)
    start_work(request=request, actor=operator, now=at)
    at += timedelta(minutes=story.minutes)
    stored = take_file(
        name="resultat.txt", content_type="text/plain", content=story.title.encode(),
        actor=operator, now=at,
    )  # fmt: skip
    add_deliverable(
        request=request, actor=operator, now=at, stored=stored, kind="file:demo",
        title=story.result, measures=dict(story.measures),
    )  # fmt: skip
    record_time(
        request=request, actor=operator, now=at, minutes=story.minutes, activity="Traitement",
        worked_on=at.astimezone(ZoneInfo(client.time_zone)).date(),
    )  # fmt: skip
    submit_for_review(request=request, actor=operator, now=at)
    at += timedelta(minutes=30)
    pass_review(request=request, actor=supervisor, now=at, confirmed=[])
    move(request, "lapse", actor=system_actor(client.id), now=at + timedelta(minutes=30))
