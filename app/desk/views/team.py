"""The team: who is there, what they can do, when they are away."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.errands import for_us
from app.desk.schemas import AbsenceForm, SkillsForm
from app.desk.views.blueprint import bp
from app.desk.views.common import user_id as own_id
from app.desk.views.common import who
from app.desk.views.handovers import begin_everywhere
from app.staffing import queries, services
from app.staffing.words import KINDS
from app.web.forms import BoundForm
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import Forbidden, NotFound
from tenants.endpoints import staff
from tenants.models import StaffMember


@bp.get("/team")
@staff("desk.use")
def team() -> ResponseReturnValue:
    now, people = clock.now(), queries.list_team()
    coming: dict[UUID, Any] = {}
    for row in queries.list_absences(since=now):
        coming.setdefault(row.user_id, row)
    return render_template(
        "desk/team.html", people=people, now=now, coming=coming, own=own_id(),
        standing=queries.standings(user_ids=[one.user_id for one in people], at=now),
        supervises=current_actor().can("desk.supervise"),
    )  # fmt: skip


@bp.get("/absences")
@staff("desk.use")
def absences() -> ResponseReturnValue:
    return _page(_me())


@bp.post("/absences")
@staff("desk.use")
def enter_absence() -> ResponseReturnValue:
    return _enter(_me(), url_for("desk.absences", done="entered"))


@bp.post("/absences/<uuid:absence_id>/cancel")
@staff("desk.use")
def cancel_absence(absence_id: UUID) -> ResponseReturnValue:
    """Somebody else's is not there for those who don't supervise."""
    row = queries.get_absence(absence_id=absence_id)
    try:
        services.cancel_absence(absence=row, **who())
    except Forbidden:
        raise NotFound from None
    if row.user_id == own_id():
        return redirect(url_for("desk.absences", done="cancelled"), 303)
    return redirect(url_for("desk.person", user_id=row.user_id, done="cancelled"), 303)


@bp.get("/team/<uuid:user_id>")
@staff("desk.supervise")
def person(user_id: UUID) -> ResponseReturnValue:
    return _page(queries.get_member_of_team(user_id=user_id))


@bp.post("/team/<uuid:user_id>/absences")
@staff("desk.supervise")
def enter_for(user_id: UUID) -> ResponseReturnValue:
    row = queries.get_member_of_team(user_id=user_id)
    return _enter(row, url_for("desk.person", user_id=user_id, done="entered"))


@bp.post("/team/<uuid:user_id>/skills")
@staff("desk.supervise")
def set_skills(user_id: UUID) -> ResponseReturnValue:
    row = queries.get_member_of_team(user_id=user_id)
    form = BoundForm(SkillsForm, request.form, prefix="skills")
    if carried_out(form, lambda: services.set_skills(
        user_id=row.user_id, skills=form.data["skills"].replace("\n", ",").split(","), **who()
    )):  # fmt: skip
        return redirect(url_for("desk.person", user_id=user_id, done="skills"), 303)
    return _page(queries.get_member_of_team(user_id=user_id), skills=form)


def _me() -> StaffMember:
    return queries.get_member_of_team(user_id=own_id())


def _enter(row: StaffMember, then: str) -> ResponseReturnValue:
    form, user_id = BoundForm(AbsenceForm, request.form), row.user_id
    entered: list[UUID] = []

    def enter() -> None:
        entered.append(for_us(lambda actor: services.enter_absence(
            user_id=user_id, **form.data, actor=actor, now=clock.now()).id))  # fmt: skip

    if carried_out(form, enter):
        if begin_everywhere(absence_id=entered[0], user_id=user_id):
            then = url_for("desk.handover", absence_id=entered[0], done="entered")
        return redirect(then, 303)
    return _page(queries.get_member_of_team(user_id=user_id), form)


def _page(
    row: StaffMember, form: BoundForm | None = None, skills: BoundForm | None = None
) -> ResponseReturnValue:
    now, supervises = clock.now(), current_actor().can("desk.supervise")
    can = [one.skill for one in queries.list_skills(user_id=row.user_id)]
    form = form or BoundForm(AbsenceForm, values={"kind": "holiday"})
    skills = skills or BoundForm(SkillsForm, values={"skills": ", ".join(can)}, prefix="skills")
    page = render_template(
        "desk/person.html", person=row, own=row.user_id == own_id(), can=can, now=now, form=form,
        rows=queries.list_absences(since=now, user_id=row.user_id), kinds=KINDS,
        skills=skills if supervises else None, done=request.args.get("done", ""),
        known=sorted({one.skill for one in queries.list_skills()} - set(can)) if supervises else [],
    )  # fmt: skip
    return page, max(form.status, skills.status)
