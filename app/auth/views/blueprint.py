"""What the routes of this module share."""

from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import cookies, services
from app.auth.identity import Identity
from app.auth.sessions import Visitor
from app.web import refusals
from app.web.targets import is_local
from tenants.core import clock
from tenants.core.errors import CoulisseError

bp = Blueprint("auth", __name__)


def visitor() -> Visitor:
    return Visitor(
        address=request.remote_addr or "",
        user_agent=request.user_agent.string,
        request_id=g.request_id,
    )


def me() -> Identity:
    identity: Identity = g.identity
    return identity


def each_person() -> str:
    return str(me().user_id)


def who() -> dict[str, Any]:
    """What most services ask for: who acts, from where, when (the machine's time)."""
    return {"user_id": me().user_id, "visitor": visitor(), "now": clock.real_now()}


def here() -> dict[str, Any]:
    return {**who(), "session_hash": me().token_hash}


def next_url(default: str = "auth.home") -> str:
    """Where the visitor was going, on this site only."""
    target = request.args.get("next", "")
    return target if is_local(target) else url_for(default)


def with_token(response: ResponseReturnValue, token: str) -> Response:
    answer = current_app.make_response(response)
    cookies.set_session(answer, token)
    return answer


def then(found: services.SignedIn) -> Response:
    if found.code_is_due:
        target = url_for("auth.confirm", next=request.args.get("next"))
    elif found.enrolment_is_due:
        target = url_for("auth.enrol", next=request.args.get("next"))
    else:
        target = next_url()
    return with_token(redirect(target, 303), found.token)


def note_wrong_code(error: CoulisseError) -> None:
    if "code" in error.field_errors:
        note_refusal("account.second_factor.refused", me().user_id)


def note_refusal(name: str, user_id: Any) -> None:
    """The refused attempt stays in the audit."""
    found, now = visitor(), clock.real_now()
    refusals.keep(lambda: services.note_refusal(name=name, user_id=user_id, visitor=found, now=now))
