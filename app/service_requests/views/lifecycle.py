"""The acts behind a request's menu: where work waits, what it belongs to, how it ends."""

from flask.typing import ResponseReturnValue

from app.service_requests.away_words import absences_before, away_sentence
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.services import (
    assigning,
    classing,
    decisions,
    ending,
    holding,
    linking,
    splitting,
)
from app.service_requests.views.acting import Act, perform
from app.service_requests.views.blueprint import bp
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant


def _other(act: Act) -> ServiceRequest:
    """The request that the form names, of the same client and as far as the actor sees it."""
    try:
        return get_request(actor=act.actor, number=int(act.data["number"].lstrip("#")))
    except NotFound as error:
        problem = _m("There is no such request of this client, or you can't see it.")
        raise Invalid(field_errors={"number": [problem]}) from error


@bp.post("/<int:number>/assign-to")
@tenant("request.work")
def assign_to(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "assign_to", slug=slug, done=_given,
        work=lambda act: assigning.assign_to(**act.versioned, user_id=act.data["assignee"]),
    )  # fmt: skip


def _given(row: ServiceRequest) -> str:
    """With a word of warning where they are away before it is due."""
    said, who = text(_m("Given to somebody else.")), row.assignee_id
    away = absences_before(row.due_at, user_ids=[who] if who else [], now=clock.now())
    if who is None or who not in away:
        return said
    return f"{said} {away_sentence(row.assignee_name, away[who])}"


@bp.post("/<int:number>/unassign")
@tenant("request.work")
def unassign(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "unassign", slug=slug, done=_m("Back in the queue."),
        work=lambda act: assigning.unassign(**act.versioned),
    )  # fmt: skip


@bp.post("/<int:number>/plan")
@tenant("request.work")
def plan(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "plan", slug=slug, leaves=True, done=_m("Planned."),
        work=lambda act: holding.plan(
            **act.versioned, planned_for=act.data["planned_for"], due_on=act.data["due_on"]
        ),
    )  # fmt: skip


@bp.post("/<int:number>/wait")
@tenant("request.work")
def wait(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "wait", slug=slug, leaves=True, done=_m("It waits."),
        work=lambda act: holding.wait_for_others(
            **act.versioned, waiting_for=act.data["waiting_for"], reason=act.data["reason"]
        ),
    )  # fmt: skip


@bp.post("/<int:number>/hold")
@tenant("request.work")
def hold(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "hold", slug=slug, leaves=True, undoable=True, done=_m("On hold; the clock goes on."),
        work=lambda act: holding.hold(**act.versioned, reason=act.data["reason"]),
    )  # fmt: skip


@bp.post("/<int:number>/resume")
@tenant("request.work")
def resume(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, undoable=True, done=_m("The work goes on."),
        work=lambda act: holding.resume(**act.versioned),
    )  # fmt: skip


@bp.post("/<int:number>/deliver")
@tenant("request.work")
def deliver(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, leaves=True, done=_handed_over,
        work=lambda act: decisions.deliver_unchecked(**act.versioned),
    )  # fmt: skip


def _handed_over(row: ServiceRequest) -> str:
    if row.state == "in_review":
        return _m("Drawn for the quality check: a colleague looks at it first.")
    return _m("Handed over to the client.")


@bp.post("/<int:number>/priority")
@tenant("request.work")
def set_priority(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "priority", slug=slug, done=_m("Priority set."),
        work=lambda act: classing.set_priority(
            **act.versioned, priority=act.data["priority"], reason=act.data["reason"]
        ),
    )  # fmt: skip


@bp.post("/<int:number>/propose")
@tenant("request.answer")
def propose_priority(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "propose", slug=slug, done=_m("Proposed."),
        work=lambda act: classing.propose_priority(
            **act.versioned, impact=act.data["impact"], urgency=act.data["urgency"]
        ),
    )  # fmt: skip


@bp.post("/<int:number>/kind")
@tenant("request.work")
def reclassify(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "kind", slug=slug, done=_m("The kind is changed."),
        work=lambda act: classing.reclassify(
            **act.versioned, item_code=act.data["item"], reason=act.data["reason"]
        ),
    )  # fmt: skip


@bp.post("/<int:number>/link")
@tenant("request.work")
def link(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "link", slug=slug, versioned=False, done=_m("Linked."),
        work=lambda act: linking.link(**act.who, other=_other(act)),
    )  # fmt: skip


@bp.post("/<int:number>/unlink")
@tenant("request.work")
def unlink(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "unlink", slug=slug, versioned=False, done=_m("The link is gone."),
        work=lambda act: linking.unlink(**act.who, other=_other(act)),
    )  # fmt: skip


@bp.post("/<int:number>/merge")
@tenant("request.work")
def merge(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "merge", slug=slug, leaves=True, done=_m("Merged; the work goes on there."),
        work=lambda act: linking.merge(**act.versioned, into=_other(act)),
    )  # fmt: skip


@bp.post("/<int:number>/duplicate")
@tenant("request.work")
def mark_duplicate(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "duplicate", slug=slug, leaves=True, done=_m("Marked as a duplicate."),
        work=lambda act: linking.mark_duplicate(**act.versioned, of=_other(act)),
    )  # fmt: skip


@bp.post("/<int:number>/split")
@tenant("request.work")
def split(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "split", slug=slug, done=_m("The new request is made and linked here."),
        work=lambda act: splitting.split(
            **act.versioned, title=act.data["title"], details=act.data["details"],
            chosen=splitting.Chosen(
                **{name: act.data[name] for name in ("messages", "questions", "files", "asked")}
            ),
        ),
    )  # fmt: skip


@bp.post("/<int:number>/reject")
@tenant("request.review")
def reject(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "reject", slug=slug, leaves=True, done=_m("Rejected; the client is told why."),
        work=lambda act: ending.reject(**act.versioned, reason=act.data["reason"]),
    )  # fmt: skip


@bp.post("/<int:number>/reopen")
@tenant("request.answer")
def reopen(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "reopen", slug=slug, versioned=False, done=_m("Reopened; the work goes on."),
        work=lambda act: ending.reopen(**act.who, reason=act.data["reason"]),
    )  # fmt: skip


@bp.post("/<int:number>/follow-up")
@tenant("request.raise")
def follow_up(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "follow_up", slug=slug,
        done=_m("The follow-up request is raised and linked here."),
        work=lambda act: ending.follow_up(**act.versioned, details=act.data["details"]),
    )  # fmt: skip
