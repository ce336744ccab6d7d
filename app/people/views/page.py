"""The page of one member, with what its forms were refused for."""

from uuid import UUID

from flask import Response, make_response, render_template, request

from app.auth.current import current_actor
from app.people import presenting
from app.people.queries import is_last_administrator
from app.people.schemas import ChangeForm, CodeForm, seen_state, seen_text
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from tenants import queries
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.services.members import MemberChanged, state_of


def member_page(
    member_id: UUID,
    *,
    rights: BoundForm | None = None,
    reset: BoundForm | None = None,
    problem: CoulisseError | None = None,
) -> Response:
    member = queries.get_member(member_id=member_id)
    facts = queries.list_member_facts(user_ids=[member.user_id]).get(member.user_id)
    state = state_of(member)
    seen = seen_state(str(rights["seen"].value or "")) if rights else state
    changed = presenting.changes(seen, state) if isinstance(problem, MemberChanged) else []
    values = {"role": state.role, "approver": state.approver, "lines": state.lines}
    rights = rights or BoundForm(ChangeForm, values=values)
    reset = reset or BoundForm(CodeForm, prefix="r")
    rights["seen"].value = seen_text(state)
    rights["client"].value = reset["client"].value = current_client().slug
    page = render_template(
        "people/member.html", client=current_client(), member=member,
        row=presenting.member_row(member, facts, clock.real_now()), rights=rights, reset=reset,
        last=is_last_administrator(member), own=member.user_id == current_actor().user_id,
        problem=problem, changed=changed, done=request.args.get("done", ""),
    )  # fmt: skip
    refused = problem.status if problem else 200
    return make_response(page, max(rights.status, reset.status, refused))
