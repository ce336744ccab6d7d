"""A version is checked, at first by the rules that it names itself and later by those of today; the
slips of before stay beside it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from app.documents.checking.announced import announced_in, rule_sets
from app.documents.checking.attached import invoice_of, may_hold_invoice
from app.documents.checking.inside import invoice_in
from app.documents.checking.running import check
from app.documents.checking.slip import Slip
from app.documents.models import DocumentVersion, ValidationSlip
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
    message = _m("There is no e-invoice in this file that we know rules for.")


def ask_for_check(
    *, document_number: int, version_number: int, actor: Actor, now: datetime
) -> UUID:
    """The job that does it. Asked twice before a new slip is there, it is the same one."""
    actor.require("document.file")
    document = get_document(actor=actor, number=document_number)
    actor.require("document.file", document.line)
    version = get_version(document=document, number=version_number)
    before = find_slip(version_id=version.id)
    if before is None and invoice_of(files.read(get_file(version))) is None:
        raise NeverChecked
    audit.record(
        "documents.check.asked", actor=actor, now=now, object_type="document",
        object_id=document.id, version=version.number,
    )  # fmt: skip
    which = str(before.id) if before else f"first:{version.id}:{now:%Y%m%d%H%M}"
    return _enqueue(version, which, actor)


def check_upload(
    *, version: DocumentVersion, content: bytes, actor: Actor, now: datetime
) -> UUID | None:
    """Of a file that was just filed: the job that checks it, where an e-invoice may be in it."""
    actor.require("document.file")
    if not may_hold_invoice(content):
        return None
    return _enqueue(version, f"first:{version.id}", actor)


def _enqueue(version: DocumentVersion, which: str, actor: Actor) -> UUID:
    return enqueue(
        "document_checks.check_again", key=f"documents.check:{which}", actor_id=actor.user_id,
        title=_m("Checking a document by the rules of today"), for_client=False,
        subject=("document_version", version.id), version_id=version.id, actor_name=actor.name,
    )  # fmt: skip


def check_again(
    *, version_id: UUID, actor: Actor, now: datetime,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> str:  # fmt: skip
    """Answers the new slip's outcome; '' where a file that was just filed holds no e-invoice."""
    actor.require("document.file")
    held = get_version_by_id(actor=actor, version_id=version_id)
    actor.require("document.file", held.document.line)
    version = held.version
    before = find_slip(version_id=version.id)
    content, packs = _asked(files.read(get_file(version)), before)
    if content is None:
        return ""
    progress(0, 2, _m("The rules are checked"))
    found = check(content, packs, now=now).of_file(version.sha256)
    progress(1, 2, _m("The slip is kept"))
    keep_slip(document_version_id=version.id, slip=found, actor=actor, now=now)
    return found.outcome


def _asked(whole: bytes, before: ValidationSlip | None) -> tuple[bytes | None, Sequence[str]]:
    """The invoice and its rule sets: the first time those that it names, later the same again."""
    if before is None:
        content = invoice_of(whole)
        said = announced_in(content) if content is not None else None
        return content, rule_sets(said) if said else ()
    slip = Slip.from_json(before.content)
    packs = [run.pack for run in slip.runs if run.pack != "file"]
    if not slip.xml_sha256:
        return whole, packs
    content = invoice_in(whole, xml_sha256=slip.xml_sha256)
    if content is None:
        raise Conflict(_m("The invoice that was checked is not in this file any more."))
    return content, packs
