"""A second factor that somebody at a client lost, where the client's own administrator can't help:
that administrator's own, and whose owner works elsewhere too."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.views.blueprint import each_person, note_wrong_code
from app.provider.schemas import OwnCode
from app.provider.services.people import reset_factor_of_member
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web.forms import BoundForm
from app.web.limits import limiter
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import company
from tenants.queries import get_member, list_member_facts


@bp.get("/companies/<slug>/people/<uuid:member_id>/second-factor")
@company("provider.administer")
def ask_to_reset(slug: str, member_id: UUID) -> ResponseReturnValue:
    return _page(member_id, BoundForm(OwnCode))


@bp.post("/companies/<slug>/people/<uuid:member_id>/second-factor")
@company("provider.administer")
@limiter.limit("6/minute;40/hour", key_func=each_person)
def reset_member(slug: str, member_id: UUID) -> ResponseReturnValue:
    get_member(member_id=member_id, with_guests=True)
    form = BoundForm(OwnCode, request.form)
    if form.load():
        try:
            reset_factor_of_member(
                member_id=member_id, code=form.data["code"], real_now=clock.real_now(), **who()
            )
            return redirect(url_for("provider.company", slug=slug, done="reset"), 303)
        except CoulisseError as error:
            note_wrong_code(error)
            form.refuse(error)
    return _page(member_id, form)


def _page(member_id: UUID, form: BoundForm) -> ResponseReturnValue:
    member = get_member(member_id=member_id, with_guests=True)
    page = render_template(
        "provider/reset.html", here=administered(), member=member, form=form,
        facts=list_member_facts(user_ids=[member.user_id]).get(member.user_id),
        own=member.user_id == current_actor().user_id,
    )  # fmt: skip
    return page, form.status
