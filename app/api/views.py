"""Who a token is, the OpenAPI document, and its documentation for people."""

from typing import Any

from flask import Blueprint, g

from app.api.schemas import MeOut
from app.auth.current import current_actor
from tenants.core import clock
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
