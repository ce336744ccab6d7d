"""Who gets a client's work by itself: read by its operators, written by those who review it."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.service_requests.assignment import queries
from app.service_requests.assignment.forms import RuleForm
from app.service_requests.assignment.models import AssignmentRule
from app.service_requests.services import assignment_rules
from app.service_requests.services.assignment_rules import Wish
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.service_requests.views.works import work_named, works_of
from app.staffing.queries import standings
from app.web.forms import BoundForm
from app.web.other_client import check_client
from tenants.core import clock
from tenants.endpoints import tenant

bp = Blueprint("assignment", __name__, url_prefix="/c/<slug>/assignment")


@bp.get("")
@tenant("note.read")
def list_all(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    lines = [line for line in actor.visible_lines if actor.can("note.read", line)]
    found = {(one.line, one.item): one for one in queries.list_rules(lines=lines)}
    groups = [
        (line, LINES[line], actor.can("request.review", line),
         [(work, title, found.get((line, item))) for work, item, title in works_of(line)])
        for line in lines
    ]  # fmt: skip
    named = {one for rule in found.values() for one in (rule.operator_id, rule.deputy_id) if one}
    people = standings(user_ids=named, at=clock.now()) if named else {}
    return render_template(
        "assignment/list.html", client=current_client(), groups=groups, people=people,
        done=request.args.get("done", ""),
    )  # fmt: skip


@bp.get("/<work_type>")
@tenant("request.review")
def show(slug: str, work_type: str) -> ResponseReturnValue:
    line, item, _ = work_named(work_type)
    row = queries.find_rule(line=line, item=item)
    return _page(work_type, row, _form(line, row, values=_values(row)))


@bp.post("/<work_type>")
@tenant("request.review")
def write(slug: str, work_type: str) -> ResponseReturnValue:
    line, item, _ = work_named(work_type)
    row = queries.find_rule(line=line, item=item)
    form = _form(line, row, form=request.form)
    if carried_out(form, slug, lambda data: assignment_rules.write_rule(
        line=line, item=item, expected_version=data["version"], actor=current_actor(),
        now=clock.now(), wish=Wish(
            operator_id=data["operator"], deputy_id=data["deputy"], skill=data["skill"],
            by_load=data["by_load"]),
    )):  # fmt: skip
        return redirect(url_for("assignment.list_all", slug=slug, done="saved"), 303)
    return _page(work_type, queries.find_rule(line=line, item=item), form)


@bp.post("/<work_type>/remove")
@tenant("request.review")
def remove(slug: str, work_type: str) -> ResponseReturnValue:
    line, item, _ = work_named(work_type)
    check_client(slug)
    assignment_rules.remove_rule(line=line, item=item, actor=current_actor(), now=clock.now())
    return redirect(url_for("assignment.list_all", slug=slug, done="removed"), 303)


def _form(line: str, row: AssignmentRule | None, **sent: Any) -> BoundForm:
    """Who may work there now, what they can do, and what the rule says already."""
    found = queries.list_candidates(line=line, now=clock.now())
    people = {one.user_id: one.name for one in sorted(found, key=lambda one: one.name)}
    skills = {skill for one in found for skill in one.skills}
    if row is not None:
        kept = ((row.operator_id, row.operator_name), (row.deputy_id, row.deputy_name))
        people |= {key: name for key, name in kept if key and key not in people}
        skills |= {row.skill} - {""}
    shown = [(str(key), name) for key, name in people.items()]
    choices = {
        "operator": shown, "deputy": shown, "skill": [(one, one) for one in sorted(skills)],
    }  # fmt: skip
    return BoundForm(RuleForm, **sent, choices=choices)


def _values(row: AssignmentRule | None) -> dict[str, Any]:
    if row is None:
        return {"version": 0, "by_load": True}
    return {
        "version": row.version, "operator": row.operator_id, "deputy": row.deputy_id,
        "skill": row.skill, "by_load": row.by_load,
    }  # fmt: skip


def _page(work_type: str, row: AssignmentRule | None, form: BoundForm) -> Response:
    line, item, title = work_named(work_type)
    current_actor().require("request.review", line)
    form["client"].value = current_client().slug
    page = render_template(
        "assignment/show.html", client=current_client(), row=row, form=form, title=title,
        line=LINES[line], whole=not item, work_type=work_type,
    )  # fmt: skip
    return make_response(page, form.status)
