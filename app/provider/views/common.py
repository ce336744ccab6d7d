"""What several of these views ask of the edge."""

from typing import Any

from flask import current_app

from app.auth.current import current_actor, current_identity
from app.auth.identity import TenantContext
from tenants.core import clock


def administered() -> TenantContext:
    """The client in the address."""
    identity = current_identity()
    assert identity is not None
    assert identity.administered is not None
    return identity.administered


def who() -> dict[str, Any]:
    return {"actor": current_actor(), "now": clock.now()}


def base_url() -> str:
    return str(current_app.config["SETTINGS"].base_url)
