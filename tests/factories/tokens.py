"""Tokens of any person for any company, past the page that makes them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from app.tokens.models import ApiToken
from tenants.core.crypto import token_hash
from tenants.core.ids import uuid7
from tenants.permissions import TOKEN_SCOPES
from tests.factories.people import Company, Person, now
from tests.factories.stage import Stage


def make_token(
    stage: Stage,
    company: Company,
    person: Person,
    *,
    scopes: Iterable[str] = tuple(TOKEN_SCOPES),
    expires_at: datetime | None = None,
) -> str:
    plain = f"coulisse_{secrets.token_urlsafe(32)}"
    made = now() - timedelta(hours=1)
    stage.add(
        ApiToken,
        {
            "tenant_id": company.id,
            "id": uuid7(),
            "user_id": person.id,
            "holder_name": person.name,
            "name": company.text("robot"),
            "token_hash": token_hash(plain),
            "scopes": list(scopes),
            "created_at": made,
            "expires_at": expires_at or made + timedelta(days=90),
            # So that the use a test makes of it changes no row.
            "last_used_at": now() + timedelta(minutes=1),
        },
    )
    return plain
