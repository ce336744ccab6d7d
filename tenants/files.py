"""Bytes of uploaded and delivered files: outside the database, below the tenant's own folder, by
their hash. Written before the row, so that a row always has its bytes."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.later import Later
from tenants.core.text import _m
from tenants.jobs import OutputLimitReached
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.scoping import ScopeError, current_scope

if TYPE_CHECKING:
    import fsspec
else:
    fsspec = Later("fsspec")

MAX_BYTES = 20 * 1024 * 1024

_LOST = _m(
    "This file is known here, but its content is gone from our store. Write to us: we look for a "
    "copy, or ask for the file again."
)
_DELETED = _m("This file was deleted: its period was over. See deletion certificate %(number)s.")


@dataclass(slots=True)
class Written:
    total: int = 0


@contextmanager
def at_most(left: int) -> Iterator[Written]:
    """Within this, the current session stores so many bytes and no more."""
    info, written = db.session().info, Written()
    info["files_written"], info["files_left"] = written, left
    try:
        yield written
    finally:
        info.pop("files_left", None)
        info.pop("files_written", None)


def _count(size: int) -> None:
    info = db.session().info
    if "files_left" not in info:
        return
    info["files_written"].total += size
    if info["files_written"].total > info["files_left"]:
        raise OutputLimitReached


@lru_cache(maxsize=4)
def _store(url: str) -> tuple[Any, str]:
    filesystem, root = fsspec.core.url_to_fs(url)
    return filesystem, root


def _place(sha256: str) -> tuple[Any, str]:
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise ScopeError("a file belongs to a tenant")
    filesystem, root = _store(os.environ["FILES_URL"])
    return filesystem, f"{root}/{tenant_id}/{sha256[:2]}/{sha256}"


def _hold(path: str) -> None:
    """Until the transaction ends: nobody takes these bytes away between a look and the row."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(path, 0))))


def safe_name(name: str) -> str:
    """The base name without control characters; what a browser may save it as."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\"<>|:*?]", "", name).strip(" .")
    return name[-150:] or "file"


def save(
    *, name: str, content_type: str, content: bytes, actor: Actor, now: datetime
) -> StoredFile:
    if not content:
        raise Invalid(_m("This file is empty."), code="empty_file")
    if len(content) > MAX_BYTES:
        raise Invalid(_m("This file is larger than %(limit)s MB."), limit=MAX_BYTES // 1024**2)
    _count(len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    filesystem, path = _place(sha256)
    _hold(path)
    if not filesystem.exists(path):
        folder, _, _leaf = path.rpartition("/")
        filesystem.makedirs(folder, exist_ok=True)
        part = f"{path}.{uuid7().hex}.part"
        with filesystem.open(part, "wb") as out:
            out.write(content)
        filesystem.mv(part, path)
    row = StoredFile(
        id=uuid7(),
        name=safe_name(name),
        content_type=content_type,
        size=len(content),
        sha256=sha256,
        created_by=actor.user_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "documents.file.stored", actor=actor, now=now,
        object_type="file", object_id=row.id, sha256=sha256, size=row.size,
    )  # fmt: skip
    return row


def copy_row(stored: StoredFile, *, actor: Actor) -> StoredFile:
    """The same bytes under a row of their own: what happens to one doesn't to the other."""
    row = StoredFile(
        id=uuid7(), name=stored.name, content_type=stored.content_type, size=stored.size,
        sha256=stored.sha256, created_by=actor.user_id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def forget(*, file_ids: Sequence[UUID]) -> list[str]:
    """Rows that nothing refers to; answers their hashes, for `drop_bytes` after the commit."""
    gone = db.session.execute(
        delete(StoredFile)
        .where(StoredFile.tenant_id == current_scope().tenant_id, StoredFile.id.in_(file_ids))
        .returning(StoredFile.sha256)
    )
    return sorted({row.sha256 for row in gone})


def give_up(*, file_ids: Sequence[UUID], certificate: int) -> None:
    """The rows stay and say so; the bytes go with those of the document that is certified gone."""
    db.session.execute(
        update(StoredFile)
        .where(
            StoredFile.tenant_id == current_scope().tenant_id, StoredFile.id.in_(file_ids),
            StoredFile.certificate.is_(None),
        )
        .values(certificate=certificate)
    )  # fmt: skip


def hold_bytes(*, hashes: Sequence[str]) -> None:
    """Until the transaction ends nobody stores these bytes anew."""
    for sha256 in sorted(set(hashes)):
        _hold(_place(sha256)[1])


def drop_bytes(*, sha256: str) -> bool:
    """Unless another file of this tenant has the very same ones."""
    filesystem, path = _place(sha256)
    _hold(path)
    kept = db.session.execute(
        select(StoredFile.id)
        .where(
            StoredFile.tenant_id == current_scope().tenant_id, StoredFile.sha256 == sha256,
            StoredFile.certificate.is_(None),
        )
        .limit(1)
    ).first()  # fmt: skip
    if kept is not None or not filesystem.exists(path):
        return False
    filesystem.rm_file(path)
    return True


def get_file(*, file_id: UUID) -> StoredFile:
    row = db.session.execute(
        select(StoredFile).where(
            StoredFile.tenant_id == current_scope().tenant_id, StoredFile.id == file_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def sha256_now(sha256: str) -> str | None:
    """Of the bytes that lie under this hash at this moment; None when there are none."""
    filesystem, path = _place(sha256)
    found = hashlib.sha256()
    try:
        with filesystem.open(path, "rb") as content:
            while chunk := content.read(1024 * 1024):
                found.update(chunk)
    except FileNotFoundError:
        return None
    return found.hexdigest()


def read(row: StoredFile) -> bytes:
    """The bytes, checked against the hash; Conflict when they were changed outside."""
    if row.certificate is not None:
        raise NotFound(_DELETED, code="deleted_file", number=row.certificate)
    filesystem, path = _place(row.sha256)
    try:
        content: bytes = filesystem.cat_file(path)
    except FileNotFoundError as error:
        raise NotFound(_LOST, code="lost_file") from error
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise Conflict(_m("This file was changed outside Coulisse and can't be trusted."),
                       code="broken_file")  # fmt: skip
    return content
