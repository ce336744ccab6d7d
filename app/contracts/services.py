"""The provider's administrators write the next version of a contract as a draft, and put it into
force from a day."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from app.contracts.document import checked
from app.contracts.models import ContractDraft, ContractVersion
from app.contracts.queries import (
    facts_of_company,
    find_draft,
    list_versions,
    newest_document,
)
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor

RIGHT = "provider.administer"
Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class DraftChanged(Conflict):
    code = "draft_changed"
    message = _m(
        "Somebody else changed this draft since you opened it. Look at it again, then save anew."
    )


class NothingChanged(Conflict):
    code = "nothing_changed"
    message = _m("The draft says the same as the contract: there is nothing to put into force.")


def begin_draft(*, actor: Actor, now: datetime) -> ContractDraft:
    """From the newest version, or from what holds without one; the one that is there already."""
    actor.require(RIGHT)
    draft = find_draft()
    if draft is not None:
        return draft
    versions = list_versions()
    draft = ContractDraft(
        id=uuid7(), document=dict(newest_document()), changed_at=now, changed_by_name=actor.name,
        base_number=versions[0].number if versions else None,
    )  # fmt: skip
    db.session.add(draft)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DraftChanged from error
    return draft


def change_draft(
    *, change: Change, expected_revision: int | None, actor: Actor, now: datetime
) -> ContractDraft:
    """`change` answers what takes the place of the document's parts of the same name; a
    ValidationError where the whole makes no sense. Without a draft one begins."""
    actor.require(RIGHT)
    if expected_revision is None and find_draft() is None:
        expected_revision = begin_draft(actor=actor, now=now).revision
    draft = _draft(expected_revision, actor)
    draft.document = checked({**draft.document, **change(draft.document)})
    draft.changed_at, draft.changed_by_name = now, actor.name
    db.session.flush()
    return draft


def drop_draft(*, expected_revision: int | None, actor: Actor, now: datetime) -> None:
    db.session.delete(_draft(expected_revision, actor))
    db.session.flush()


def put_into_force(
    *, valid_from: date, note: str, expected_revision: int | None, actor: Actor, now: datetime
) -> ContractVersion:
    """From midnight of this day of the company's own zone; open requests get their times anew then."""
    draft = _draft(expected_revision, actor)
    versions = list_versions()
    before = versions[0] if versions else None
    if before is not None and before.document == draft.document:
        raise NothingChanged
    zone = ZoneInfo(facts_of_company().time_zone)
    today = now.astimezone(zone).date()
    if valid_from < today.replace(day=1):
        raise Invalid(field_errors={"valid_from": [_m("Earlier months stay as they were agreed.")]})
    version = ContractVersion(
        id=uuid7(), number=before.number + 1 if before else 1, valid_from=valid_from,
        document=draft.document, note=note, activated_at=now, activated_by=actor.user_id,
        activated_by_name=actor.name,
    )  # fmt: skip
    db.session.add(version)
    db.session.delete(draft)
    audit.record(
        "contracts.version.put_into_force", actor=actor, now=now, object_type="contract_version",
        object_id=version.id, number=version.number, valid_from=valid_from,
    )  # fmt: skip
    begins = datetime.combine(valid_from, time(), zone).astimezone(UTC)
    enqueue(
        "contracts.recompute", key=f"contract:{version.number}", actor_id=actor.user_id,
        title=_m("Applying version %(number)s of the contract"),
        title_params={"number": version.number}, for_client=True,
        run_at=begins if begins > now else None,
    )  # fmt: skip
    # what follows the company's calendar is planned by the new one
    enqueue(
        "schedule.turn", key=f"schedule:contract:{version.number}", actor_id=actor.user_id,
        run_at=begins if begins > now else None,
    )  # fmt: skip
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DraftChanged from error
    return version


def _draft(expected_revision: int | None, actor: Actor) -> ContractDraft:
    actor.require(RIGHT)
    draft = find_draft(for_change=True)
    if draft is None:
        raise NotFound
    if draft.revision != expected_revision:
        raise DraftChanged
    return draft
