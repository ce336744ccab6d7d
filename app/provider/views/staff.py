"""The provider's people: who they are, what they reach, and how they leave."""

from typing import Any
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.mails import invitation
from app.auth.views.blueprint import each_person, note_wrong_code
from app.calendars.holidays import regions
from app.provider import queries
from app.provider.countries import country_name
from app.provider.queries import StaffFacts
from app.provider.schemas import ROLES, NewStaff, OfficeRegion, OwnCode, StaffRole
from app.provider.services.leaving import closing_of, leave
from app.provider.services.office import choose_region
from app.provider.services.staff import invite_staff, invite_staff_again, reset_factor
from app.provider.views.blueprint import bp
from app.provider.views.common import base_url, who
from app.web.forms import BoundForm
from app.web.i18n import LANGUAGES, language
from app.web.limits import limiter
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import provider
from tenants.queries import get_tenant
from tenants.services.staff import change_staff_role


@bp.get("/staff")
@provider("provider.administer")
def staff() -> ResponseReturnValue:
    return _staff(BoundForm(OfficeRegion, values={"region": get_tenant().region}))


@bp.post("/office")
@provider("provider.administer")
def office() -> ResponseReturnValue:
    form = BoundForm(OfficeRegion, request.form)
    if form.load():
        try:
            choose_region(region=form.data["region"], **who())
            return redirect(url_for("provider.staff", done="office"), 303)
        except CoulisseError as error:
            form.refuse(error)
    return _staff(form)


def _staff(form: BoundForm) -> ResponseReturnValue:
    facts, own = queries.staff_facts(), get_tenant()
    people = [(one, facts.get(one.user_id, StaffFacts())) for one in queries.list_all_staff()]
    page = render_template(
        "provider/staff.html", roles=ROLES, form=form, done=request.args.get("done", ""),
        has_regions=bool(regions(own.country)), country=country_name(own.country, language()),
        active=[pair for pair in people if pair[0].active],
        former=[pair for pair in people if not pair[0].active],
    )  # fmt: skip
    return page, form.status


@bp.get("/new-staff")
@provider("provider.administer")
def new_staff() -> ResponseReturnValue:
    values = {"role": "operator", "language": get_tenant().language}
    return _new(BoundForm(NewStaff, values=values))


@bp.post("/new-staff")
@provider("provider.administer")
def invite() -> ResponseReturnValue:
    form = BoundForm(NewStaff, request.form)
    if form.load():
        try:
            person = invite_staff(
                **form.data, write=invitation(get_tenant().name), base_url=base_url(), **who()
            )
            return redirect(url_for("provider.person", user_id=person.user_id, done="added"), 303)
        except CoulisseError as error:
            form.refuse(error)
    return _new(form)


@bp.get("/staff/<uuid:user_id>")
@provider("provider.administer")
def person(user_id: UUID) -> ResponseReturnValue:
    return _person(user_id)


@bp.post("/staff/<uuid:user_id>/role")
@provider("provider.administer")
def change_role(user_id: UUID) -> ResponseReturnValue:
    queries.get_staff(user_id=user_id)
    form = BoundForm(StaffRole, request.form)
    if form.load():
        try:
            change_staff_role(user_id=user_id, role=form.data["role"], **who())
            return redirect(url_for("provider.person", user_id=user_id, done="role"), 303)
        except CoulisseError as error:
            form.refuse(error)
    return _person(user_id, form)


@bp.post("/staff/<uuid:user_id>/invite")
@provider("provider.administer")
def invite_again(user_id: UUID) -> ResponseReturnValue:
    invite_staff_again(
        user_id=user_id, write=invitation(get_tenant().name), base_url=base_url(), **who()
    )
    return redirect(url_for("provider.person", user_id=user_id, done="invited"), 303)


@bp.post("/staff/<uuid:user_id>/second-factor")
@provider("provider.administer")
@limiter.limit("6/minute;40/hour", key_func=each_person)
def reset(user_id: UUID) -> ResponseReturnValue:
    queries.get_staff(user_id=user_id)
    form = BoundForm(OwnCode, request.form, prefix="r")
    if form.load():
        try:
            reset_factor(
                user_id=user_id, code=form.data["code"], real_now=clock.real_now(), **who()
            )
            return redirect(url_for("provider.person", user_id=user_id, done="reset"), 303)
        except CoulisseError as error:
            note_wrong_code(error)
            form.refuse(error)
    return _person(user_id, reset=form)


@bp.get("/staff/<uuid:user_id>/leave")
@provider("provider.administer")
def ask_to_leave(user_id: UUID) -> ResponseReturnValue:
    return _leaving(user_id)


@bp.post("/staff/<uuid:user_id>/leave")
@provider("provider.administer")
def end_everything(user_id: UUID) -> ResponseReturnValue:
    try:
        leave(user_id=user_id, request_id=g.request_id, **who())
    except CoulisseError as error:
        if error.status == 404:
            raise
        return _leaving(user_id, error)
    return redirect(url_for("provider.person", user_id=user_id), 303)


@bp.get("/staff/<uuid:user_id>/departure")
@provider("provider.administer")
def departure(user_id: UUID) -> ResponseReturnValue:
    """How far the clients' jobs are, for the page that asks again."""
    return render_template("provider/_departure.html", **_shown(user_id))


def _shown(user_id: UUID) -> dict[str, Any]:
    row = queries.get_staff(user_id=user_id)
    begun = None if row.active else queries.find_departure(user_id=user_id)
    closing = closing_of(begun) if begun else []
    return {
        "person": row, "departure": begun, "closing": closing,
        "done": all(one.done for one in closing), "stuck": any(one.stuck for one in closing),
    }  # fmt: skip


def _person(
    user_id: UUID, form: BoundForm | None = None, reset: BoundForm | None = None
) -> ResponseReturnValue:
    shown = _shown(user_id)
    form = form or BoundForm(StaffRole, values={"role": shown["person"].role})
    reset = reset or BoundForm(OwnCode, prefix="r")
    page = render_template(
        "provider/person.html", **shown, form=form, reset=reset, roles=ROLES, languages=LANGUAGES,
        facts=queries.staff_facts().get(user_id, StaffFacts()),
        reach=[] if shown["departure"] else queries.list_reach(user_id=user_id), own=user_id == current_actor().user_id,
        done_now=request.args.get("done", ""),
    )  # fmt: skip
    return page, max(form.status, reset.status)


def _leaving(user_id: UUID, error: CoulisseError | None = None) -> ResponseReturnValue:
    reach = queries.list_reach(user_id=user_id)
    page = render_template(
        "provider/leave.html", person=queries.get_staff(user_id=user_id), error=error,
        reach=[one for one in reach if one.open], facts=queries.staff_facts().get(user_id, StaffFacts()),
        own=user_id == current_actor().user_id,
    )  # fmt: skip
    return page, error.status if error else 200


def _new(form: BoundForm) -> ResponseReturnValue:
    return render_template("provider/new_staff.html", form=form), form.status
