"""What the provider's administrators say of statutory deadlines, revision by revision."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.calendars.deadlines import coming, deadline_of, shipped_documents
from app.service_requests.statutory.models import DeadlineVersion
from app.service_requests.statutory.queries import list_standing
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.text import _m
from tenants.permissions import Actor

MOST_OWN = 200
_NO_DAY = _m("By these facts there is no day. Look at the day, the month and the dates.")
_EITHER = _m("Give either a day or a business day.")


class DeadlineChanged(Conflict):
    code = "deadline_changed"
    message = _m(
        "Somebody else changed this deadline since you opened it. Look at what it says now, then "
        "save again."
    )


def say_deadline(
    *, code: str | None, document: Mapping[str, Any], note: str, expected_revision: int,
    actor: Actor, now: datetime,
) -> DeadlineVersion:  # fmt: skip
    """Another one than what ships, or with no code one of the provider's own."""
    actor.require("provider.administer")
    check(document, now.date())
    known = list_standing()
    if code is None:
        code = _free_code(document, set(known))
    elif code not in known:
        raise NotFound
    elif known[code].deadline.country != document["country"]:
        raise Invalid(field_errors={"country": [_m("A deadline stays in its country.")]})
    return _write(
        code, dict(document), withdrawn=False, note=note, expected_revision=expected_revision,
        actor=actor, now=now,
    )  # fmt: skip


def take_shipped(
    *, code: str, note: str, expected_revision: int, actor: Actor, now: datetime
) -> DeadlineVersion:
    """What ships counts again, also what will ship."""
    actor.require("provider.administer")
    if code not in shipped_documents():
        raise NotFound
    return _write(code, None, withdrawn=False, note=note, expected_revision=expected_revision,
                  actor=actor, now=now)  # fmt: skip


def offer_deadline(
    *, code: str, offered: bool, note: str, expected_revision: int, actor: Actor, now: datetime
) -> DeadlineVersion:
    """A withdrawn one goes on where it is used, and is not chosen for anything new."""
    actor.require("provider.administer")
    standing = list_standing().get(code)
    if standing is None:
        raise NotFound
    document = standing.version.document if standing.version else None
    return _write(code, document, withdrawn=not offered, note=note,
                  expected_revision=expected_revision, actor=actor, now=now)  # fmt: skip


def check(document: Mapping[str, Any], today: date) -> None:
    if bool(document.get("day")) == bool(document.get("business_day")):
        raise Invalid(field_errors={"day": [_EITHER]})
    try:
        found = coming(deadline_of("own.x", document), today, most=1)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(field_errors={"day": [_NO_DAY]}) from error
    if not found:
        raise Invalid(field_errors={"day": [_NO_DAY]})


def _write(
    code: str, document: dict[str, Any] | None, *, withdrawn: bool, note: str,
    expected_revision: int, actor: Actor, now: datetime,
) -> DeadlineVersion:  # fmt: skip
    standing = list_standing().get(code)
    revision = standing.revision if standing else 0
    if revision != expected_revision:
        raise DeadlineChanged
    row = DeadlineVersion(
        code=code, revision=revision + 1, document=document, withdrawn=withdrawn, note=note, at=now,
        by_id=actor.user_id, by_name=actor.name,
    )  # fmt: skip
    db.session.add(row)
    audit.record(
        "service_requests.deadline.said", actor=actor, now=now, object_type="deadline",
        code=code, revision=row.revision, own=document is not None, withdrawn=withdrawn,
    )  # fmt: skip
    db.session.flush()
    return row


def _free_code(document: Mapping[str, Any], taken: set[str]) -> str:
    if sum(one.startswith("own.") for one in taken) >= MOST_OWN:
        raise Invalid(
            field_errors={"title_en": [_m("There are 200 deadlines of your own already.")]}
        )
    stem = re.sub(r"[^a-z0-9]+", "_", document["title"]["en"].lower()).strip("_")[:50] or "deadline"
    found, number = f"own.{stem}", 1
    while found in taken:
        number += 1
        found = f"own.{stem}_{number}"
    return found
