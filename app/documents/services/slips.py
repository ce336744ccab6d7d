"""The slip of a check is kept beside the version that was checked."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.documents.models import DocumentVersion, ValidationSlip
from app.documents.queries import get_version_by_id
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class SlipLike(Protocol):
    """What a check answers (`app/documents/checking/slip.py`)."""

    @property
    def sha256(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def outcome(self) -> str: ...
    def to_json(self) -> Any: ...


class OtherBytes(Conflict):
    code = "other_bytes"
    message = _m("This slip is about another file.")


def keep_slip(
    *, document_version_id: UUID, slip: SlipLike, actor: Actor, now: datetime
) -> ValidationSlip:
    """NotFound for a version that the actor doesn't see, OtherBytes for a slip of other bytes."""
    actor.require("document.file")
    held = get_version_by_id(actor=actor, version_id=document_version_id)
    actor.require("document.file", held.document.line)
    return attach_slip(version=held.version, slip=slip, actor=actor, now=now)


def attach_slip(
    *, version: DocumentVersion, slip: SlipLike, actor: Actor, now: datetime
) -> ValidationSlip:
    if slip.sha256 != version.sha256:
        raise OtherBytes
    content = slip.to_json()
    row = ValidationSlip(
        id=uuid7(), version_id=version.id, sha256=slip.sha256, at=slip.at, outcome=slip.outcome,
        content=content if isinstance(content, Mapping) else json.loads(content),
        kept_by_name=actor.name,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(
        "documents.slip.kept", actor=actor, now=now, object_type="document",
        object_id=version.document_id, version=version.number, outcome=slip.outcome,
        sha256=slip.sha256,
    )  # fmt: skip
    return row
