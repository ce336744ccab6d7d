"""What the client's people do: answer, decide, confirm, cancel."""

from dataclasses import replace
from uuid import UUID

from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.services import verify_second_factor
from app.service_requests.queries import get_question
from app.service_requests.services import conversation, decisions, ending
from app.service_requests.views.acting import Act, perform
from app.service_requests.views.blueprint import bp
from app.web.limits import limiter
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant


def _person() -> str:
    return str(current_actor().user_id)


@bp.post("/<int:number>/questions/<uuid:question_id>/answer")
@tenant("request.answer")
def answer(slug: str, number: int, question_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "answer", slug=slug, about=f"-{question_id}", versioned=False,
        done=_m("Thank you, the work goes on."),
        work=lambda act: conversation.answer_question(
            **act.who, answer=act.data["answer"],
            question=get_question(request=act.request, question_id=question_id),
        ),
    )  # fmt: skip


@bp.post("/<int:number>/approve")
@limiter.limit("6/minute;40/hour", key_func=_person)
@tenant("request.approve")
def approve(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "approve", slug=slug, versioned=False, leaves=True, work=_approve,
        done=_m("Approved and delivered."),
    )  # fmt: skip


def _approve(act: Act) -> None:
    """The code confirms this one decision, not the session."""
    assert act.actor.user_id is not None
    real_now = clock.real_now()
    verify_second_factor(user_id=act.actor.user_id, code=act.data["code"], now=real_now)
    decisions.approve(
        request=act.request, actor=replace(act.actor, second_factor_at=real_now), now=act.now,
        real_now=real_now, sha256=act.data["sha256"],
    )  # fmt: skip


@bp.post("/<int:number>/refuse")
@tenant("request.approve")
def refuse(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "refuse", slug=slug, versioned=False, done=_m("Refused; your reason was sent."),
        work=lambda act: decisions.refuse(
            **act.who, sha256=act.data["sha256"], reason=act.data["reason"]
        ),
    )  # fmt: skip


@bp.post("/<int:number>/close")
@tenant("request.answer")
def close(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, versioned=False, leaves=True, done=_m("Confirmed and closed."),
        work=lambda act: ending.close_request(**act.who),
    )  # fmt: skip


@bp.post("/<int:number>/cancel")
@tenant("request.raise")
def cancel(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "cancel", slug=slug, versioned=False, done=_m("Cancelled."),
        work=lambda act: ending.cancel_request(**act.who, reason=act.data["reason"]),
    )  # fmt: skip
