"""The signed link by which somebody rates a request without signing in. It opens nothing else."""

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tenants import keys

PURPOSE = "rating links"


@dataclass(frozen=True, slots=True)
class Claim:
    tenant_id: UUID
    request_id: UUID
    user_id: UUID
    expires_at: datetime

    def packed(self) -> bytes:
        seconds = int(self.expires_at.timestamp())
        ids = (self.tenant_id, self.request_id, self.user_id)
        return b"".join(one.bytes for one in ids) + seconds.to_bytes(6, "big")


def token_of(claim: Claim) -> str:
    body = base64.urlsafe_b64encode(claim.packed()).decode()
    return f"{body}.{keys.ring().mac(body, PURPOSE)}"


def read(token: str, *, now: datetime) -> Claim | None:
    """None for whatever we did not sign, and for what is over."""
    body, _, mac = token.partition(".")
    if not token.isascii() or not any(
        hmac.compare_digest(mac, one) for one in keys.ring().macs(body, PURPOSE)
    ):
        return None
    raw = base64.urlsafe_b64decode(body)
    tenant_id, request_id, user_id = (UUID(bytes=raw[at : at + 16]) for at in (0, 16, 32))
    expires_at = datetime.fromtimestamp(int.from_bytes(raw[48:], "big"), UTC)
    return Claim(tenant_id, request_id, user_id, expires_at) if now < expires_at else None
