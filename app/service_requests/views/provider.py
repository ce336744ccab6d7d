"""What the provider's people do: take, work, ask, hand over, check."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from app.service_requests.checking.forms import noted_of
from app.service_requests.queries import get_question
from app.service_requests.services import approving, conversation, decisions, work
from app.service_requests.views.acting import Act, perform, uploads
from app.service_requests.views.blueprint import bp
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.post("/<int:number>/assign")
@tenant("request.work")
def assign(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, done=_m("This request is yours now."), undoable=True,
        work=lambda act: work.assign_to_me(**act.versioned),
    )  # fmt: skip


@bp.post("/<int:number>/start")
@tenant("request.work")
def start(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, done=_m("Work started."), undoable=True,
        work=lambda act: work.start_work(**act.versioned),
    )  # fmt: skip


@bp.post("/<int:number>/questions")
@tenant("request.work")
def ask(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "question", slug=slug, done=_m("Question sent; the clock stands still."),
        work=lambda act: conversation.ask_question(**act.versioned, body=act.data["body"]),
    )  # fmt: skip


@bp.post("/<int:number>/questions/<uuid:question_id>/withdraw")
@tenant("request.work")
def withdraw(slug: str, number: int, question_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, done=_m("Question withdrawn."),
        work=lambda act: conversation.withdraw_question(
            **act.who, question=get_question(request=act.request, question_id=question_id)
        ),
    )  # fmt: skip


@bp.post("/<int:number>/notes")
@tenant("note.write")
def add_note(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "note", slug=slug, done=_m("Note kept."),
        work=lambda act: conversation.add_note(**act.who, body=act.data["body"]),
    )  # fmt: skip


@bp.post("/<int:number>/deliverables")
@tenant("request.work")
def add_deliverable(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "deliverable", slug=slug, work=_deliver, done=_m("Deliverable attached.")
    )


def _deliver(act: Act) -> None:
    sent = uploads("file")[0]
    work.upload_deliverable(
        **act.who, name=sent.name, content_type=sent.content_type, content=sent.content,
        title=act.data["title"], kind=act.data["kind"],
    )  # fmt: skip


@bp.post("/<int:number>/submit")
@tenant("request.work")
def submit(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, leaves=True, undoable=True,
        done=_m("Handed over for the quality check."),
        work=lambda act: work.submit_for_review(**act.versioned),
    )  # fmt: skip


@bp.post("/<int:number>/return")
@tenant("request.review")
def return_from_review(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "return", slug=slug, leaves=True, done=_m("Returned with your findings."),
        work=lambda act: decisions.return_from_review(
            **act.versioned, noted=noted_of(act.data), confirmed=act.data["confirmed"]
        ),
    )  # fmt: skip


@bp.post("/<int:number>/pass")
@tenant("request.review")
def pass_review(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "pass", slug=slug, leaves=True, done=_m("Passed the quality check."),
        work=lambda act: decisions.pass_review(**act.versioned, confirmed=act.data["confirmed"]),
    )  # fmt: skip


@bp.post("/<int:number>/ask-approval")
@tenant("request.work")
def ask_approval(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, done=_m("The client is asked to approve again."),
        work=lambda act: approving.ask_again(**act.who), versioned=False,
    )  # fmt: skip
