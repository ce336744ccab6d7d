"""What goes through Redis: ids, and a signature that only our processes can make. Who can write to
Redis can repeat an envelope, which the job's attempt makes harmless, and invent none."""

import hmac
from typing import Any
from uuid import UUID

from tenants import keys

PURPOSE = "job envelope"


class EnvelopeRefused(ValueError):
    """`reason` is for figures: 'malformed', 'unsigned', 'forged' or 'foreign'."""

    def __init__(self, reason: str, words: str) -> None:
        self.reason = reason
        super().__init__(words)


def seal(tenant_id: UUID, job_id: UUID, attempt: int) -> tuple[str, str, int, str]:
    signature = keys.ring().mac(_message(tenant_id, job_id, attempt), PURPOSE)
    return str(tenant_id), str(job_id), attempt, signature


def unseal(*parts: Any) -> tuple[UUID, UUID, int]:
    """Tenant, job and attempt, as the dispatcher wrote them."""
    ids = read(*parts[:3])
    given = parts[3] if len(parts) == 4 else None
    if not isinstance(given, str) or not given:
        raise EnvelopeRefused("unsigned", "an envelope without signature, or with more than one")
    known = keys.ring().macs(_message(*ids), PURPOSE)
    if not any(hmac.compare_digest(one.encode(), given.encode()) for one in known):
        raise EnvelopeRefused("forged", "an envelope that was not signed for this job")
    return ids


def read(tenant_id: Any = None, job_id: Any = None, attempt: Any = None) -> tuple[UUID, UUID, int]:
    try:
        ids = UUID(tenant_id), UUID(job_id)
    except (TypeError, ValueError, AttributeError) as error:
        raise EnvelopeRefused("malformed", "a job without tenant or id") from error
    if type(attempt) is not int or attempt < 1:
        raise EnvelopeRefused("malformed", "a job without attempt")
    return *ids, attempt


def _message(tenant_id: UUID, job_id: UUID, attempt: int) -> str:
    return f"{tenant_id}|{job_id}|{attempt}"
