"""A version is checked once more by the rules of today; the slips of before stay beside it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from app.documents.checking.inside import invoice_in
from app.documents.checking.running import check
from app.documents.checking.slip import Slip
from app.documents.queries import (
    find_slip,
    get_document,
    get_file,
    get_version,
    get_version_by_id,
)
from app.documents.services.slips import keep_slip
from tenants import audit, files
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor


class NeverChecked(Conflict):
    code = "never_checked"
    message = _m("No rules are known for this file: it was never checked.")


def ask_for_check(
    *, document_number: int, version_number: int, actor: Actor, now: datetime
) -> UUID:
    """The job that does it. Asked twice before a new slip is there, it is the same one."""
    actor.require("document.file")
    document = get_document(actor=actor, number=document_number)
    actor.require("document.file", document.line)
    version = get_version(document=document, number=version_number)
    before = find_slip(version_id=version.id)
    if before is None:
        raise NeverChecked
    audit.record(
        "documents.check.asked", actor=actor, now=now, object_type="document",
        object_id=document.id, version=version.number,
    )  # fmt: skip
    return enqueue(
        "document_checks.check_again", key=f"documents.check:{before.id}", actor_id=actor.user_id,
        title=_m("Checking a document by the rules of today"), for_client=False,
        subject=("document_version", version.id), version_id=version.id, actor_name=actor.name,
    )  # fmt: skip


def check_again(
    *, version_id: UUID, actor: Actor, now: datetime,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> str:  # fmt: skip
    """Answers the new slip's outcome."""
    actor.require("document.file")
    held = get_version_by_id(actor=actor, version_id=version_id)
    actor.require("document.file", held.document.line)
    version = held.version
    before = find_slip(version_id=version.id)
    if before is None:
        raise NeverChecked
    slip = Slip.from_json(before.content)
    packs = [run.pack for run in slip.runs if run.pack != "file"]
    progress(0, 2, _m("The rules are checked"))
    content: bytes | None = files.read(get_file(version))
    if content is not None and slip.xml_sha256:
        content = invoice_in(content, xml_sha256=slip.xml_sha256)
    if content is None:
        raise Conflict(_m("The invoice that was checked is not in this file any more."))
    found = check(content, packs, now=now).of_file(version.sha256)
    progress(1, 2, _m("The slip is kept"))
    keep_slip(document_version_id=version.id, slip=found, actor=actor, now=now)
    return found.outcome
