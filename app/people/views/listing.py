from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.people import presenting
from app.people.queries import ROLE_FILTERS, list_members_page
from app.people.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.queries import list_member_facts


@bp.get("")
@tenant("people.manage")
def list_people(slug: str) -> ResponseReturnValue:
    role = request.args.get("role", "all")
    role = role if role in ROLE_FILTERS else "all"
    search, cursor = request.args.get("q", "").strip()[:120], request.args.get("cursor") or None
    page = list_members_page(role=role, search=search, cursor=cursor)
    facts = list_member_facts(user_ids=[member.user_id for member in page.items])
    now = clock.real_now()
    return render_template(
        "people/list.html", client=current_client(), role=role, search=search, cursor=cursor,
        rows=[presenting.member_row(one, facts.get(one.user_id), now) for one in page.items],
        next_cursor=page.next_cursor, done=request.args.get("done", ""),
    )  # fmt: skip
