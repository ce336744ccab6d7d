"""A job's progress in words, for the page where it was started and for the client's home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from app.service_requests import presenting
from app.service_requests.running.queries import list_being_done
from app.web.i18n import text
from tenants.core.text import _m
from tenants.jobs import COULD_NOT_FINISH, ENDED
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class Running:
    """`done` and `total` as the job counts; a total of 0 is not known yet. `note` says what became
    of it, and what to do."""

    id: UUID
    label: str
    done: int
    total: int
    note: str
    ended: bool
    failed: bool
    poll_url: str
    about: str
    url: str | None


def running_of(row: Any, *, slug: str, actor: Actor) -> Running:
    failed = row.state in ("quarantined", "cancelled")
    here = url_for("service_requests.show", slug=slug, number=row.number) if row.number else None
    return Running(
        id=row.id,
        label=text(row.title, row.title_params),
        done=row.progress_done,
        total=row.progress_total,
        note=_note(row, actor),
        ended=row.state in ENDED and not failed,
        failed=failed,
        poll_url=url_for("service_requests.job_progress", slug=slug, job_id=row.id),
        about=presenting.subject_of(row.item, row.request_title) if row.number else "",
        url=here,
    )


def being_done(*, slug: str, actor: Actor, real_now: datetime) -> Sequence[Running]:
    found = list_being_done(actor=actor, real_now=real_now)
    return [running_of(row, slug=slug, actor=actor) for row in found]


def _note(row: Any, actor: Actor) -> str:
    if row.state == "cancelled":
        return text(_m("It was cancelled. Start it again if you still need it."))
    if row.state == "quarantined":
        if actor.side == "provider" and row.error:
            return str(row.error)
        return text(row.client_error or COULD_NOT_FINISH, row.client_error_params)
    if row.state == "succeeded":
        return text(_m("Done."))
    if row.held_since is not None:
        return text(_m("It waits: the company's subscription does not allow it at present."))
    if row.failures:
        return text(_m("It was interrupted and goes on by itself."))
    return "" if row.state == "running" else text(_m("It begins shortly."))
