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


class Follow(Protocol):
    def __call__(
        self, *, about_id: UUID, version_id: UUID, outcome: str, actor: Actor, now: datetime
    ) -> None: ...


_following: dict[str, Follow] = {}


def register(about_type: str, follow: Follow) -> None:
    """`follow` is told of each later check of such documents, in the transaction that keeps it."""
    _following[about_type] = follow


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
    row = attach_slip(version=held.version, slip=slip, actor=actor, now=now)
    follow, about_id = _following.get(held.document.about_type), held.document.about_id
    if follow is not None and about_id is not None:
        follow(
            about_id=about_id, version_id=row.version_id, outcome=row.outcome, actor=actor, now=now
        )
    return row


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
