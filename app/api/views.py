"""Who a token is, the OpenAPI document, and its documentation for people."""

from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, render_template

from app.api.document import document
from app.api.problems import list_problems
from app.api.schemas import MeOut
from app.api.showing import grouped, marked
from app.auth.current import current_actor
from app.tokens.schemas import SCOPE_LABELS
from app.web.api.limits import LIMITS
from tenants.core import clock
from tenants.endpoints import public
from tenants.operations import operation
from tenants.permissions import ALL_PERMISSIONS

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.get("/me")
@operation("Who this token is", tag="Token", permission=None, scope=None, answer=MeOut)
def me() -> dict[str, Any]:
    actor, tenant = current_actor(), g.identity.tenant
    return {
        "person": {
            "id": actor.user_id, "name": actor.name, "side": actor.side, "role": actor.role,
        },
        "company": {"slug": tenant.slug, "name": tenant.name, "code": tenant.code},
        "scopes": sorted(actor.token_scopes or ()),
        "lines": actor.visible_lines,
        "rights": sorted(right for right in ALL_PERMISSIONS if actor.can(right)),
        "now": clock.now(),
    }  # fmt: skip


@bp.get("/openapi.json")
@public
def openapi() -> Response:
    return jsonify(_document())


def _document() -> dict[str, Any]:
    """It changes with the program only, so each process makes it once."""
    kept: dict[str, Any] | None = current_app.extensions.get("openapi")
    if kept is None:
        kept = current_app.extensions["openapi"] = document()
    return kept


CHAPTERS = (
    ("authentication", "Authentication"), ("pages", "Lists and pages"),
    ("idempotency", "Sending again safely"), ("versions", "Changes by others"),
    ("webhooks", "Being told"), ("limits", "Limits"), ("problems", "Problems"),
)  # fmt: skip


@bp.get("/docs")
@public
def docs() -> str:
    """Its frame is in the reader's language, the operations in English as in the document."""
    base_url = current_app.config["SETTINGS"].base_url
    return render_template(
        "api/docs.html", groups=grouped(_document(), base_url), problems=list_problems(),
        scopes=SCOPE_LABELS.items(), limits=LIMITS, base_url=base_url, chapters=CHAPTERS,
        marked=marked,
    )  # fmt: skip
