"""What the client's people do: answer, decide, confirm, cancel."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity
from app.auth.services import verify_second_factor
from app.service_requests.approvals.rights import find_voice
from app.service_requests.approvals.rules import asks_code
from app.service_requests.catalogue import item_of
from app.service_requests.queries import get_question
from app.service_requests.services import approving, conversation, ending
from app.service_requests.views.acting import Act, perform
from app.service_requests.views.blueprint import bp
from app.web import refusals
from app.web.limits import limiter
from tenants import audit, scoping
from tenants.core import clock
from tenants.core.errors import Forbidden, Invalid
from tenants.core.text import _m
from tenants.endpoints import tenant
from tenants.scoping import current_scope

_NO_FACTOR = _m("Set up an authenticator app under Account, Security first: this needs its code.")


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
@tenant("request.answer")
def approve(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "approve", slug=slug, versioned=False, leaves=True, work=_approve,
        done=_m("Your approval counts."),
    )  # fmt: skip


def _approve(act: Act) -> None:
    """The code confirms this one decision, not the session."""
    real_now, actor = clock.real_now(), act.actor
    if asks_code(item_of(act.request)):
        _verify(act, real_now)
        actor = replace(actor, second_factor_at=real_now)
    approving.approve(
        request=act.request, actor=actor, now=act.now, real_now=real_now,
        sha256=act.data["sha256"],
    )  # fmt: skip


def _verify(act: Act, real_now: datetime) -> None:
    identity = current_identity()
    assert identity is not None
    if find_voice(actor=act.actor, line=act.request.line, now=act.now) is None:
        raise Forbidden
    if not identity.has_second_factor:
        raise Invalid(field_errors={"code": [_NO_FACTOR]})
    try:
        verify_second_factor(user_id=identity.user_id, code=act.data["code"], now=real_now)
    except Invalid:
        _note_refused_code(act, real_now)
        raise


def _note_refused_code(act: Act, real_now: datetime) -> None:
    """The refused request rolls back, this stays."""
    scope, actor, request_id = current_scope(), act.actor, act.request.id

    def note() -> None:
        scoping.leave()
        scoping.enter(scope)
        audit.record(
            "service_requests.approval.code_refused", actor=actor, now=real_now,
            object_type="request", object_id=request_id,
        )  # fmt: skip

    refusals.keep(note)


@bp.post("/<int:number>/refuse")
@tenant("request.answer")
def refuse(slug: str, number: int) -> ResponseReturnValue:
    return perform(
        number, "refuse", slug=slug, versioned=False, done=_m("Refused; your reason was sent."),
        work=lambda act: approving.refuse(
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
