"""Where somebody is signed in, and what happened to their account."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import queries, services
from app.auth.events import LOOKS
from app.auth.views.blueprint import bp, here, me
from tenants.endpoints import account


@bp.get("/account/sessions")
@account
def list_sessions() -> ResponseReturnValue:
    user_id = me().user_id
    return render_template(
        "auth/sessions.html",
        sessions=queries.list_open_sessions(user_id=user_id, current_hash=me().token_hash),
        events=queries.list_own_events(user_id=user_id, names=list(LOOKS)),
        looks=LOOKS, done=request.args.get("done", ""),
    )  # fmt: skip


@bp.post("/account/sessions/<ref>/end")
@account
def end_session(ref: str) -> ResponseReturnValue:
    services.end_session(ref=ref, **here())
    done = "others" if ref == "others" else "session"
    return redirect(url_for("auth.list_sessions", done=done), 303)
