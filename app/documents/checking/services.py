"""Rule packs of the installation: added and taken away by the provider's administrators."""

import gzip
import hashlib
import re
from datetime import datetime

from sqlalchemy import select

from app.documents.checking.models import RulePack
from app.documents.checking.pack_files import BadPack, FoundPack, read_packs
from app.documents.checking.packs import INSTALLABLE, Pack
from app.documents.checking.running import check
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

# The smallest files that meet a rule: enough to see that a rule set compiles and answers.
_SMALLEST = {
    "cii": b'<CrossIndustryInvoice xmlns="urn:un:unece:uncefact:data:standard:'
    b'CrossIndustryInvoice:100"/>',
    "ubl": b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
}


def add_packs(
    *, file_name: str, content: bytes, version: str = "", older: bool = False, actor: Actor,
    now: datetime,
) -> list[RulePack]:  # fmt: skip
    """All rule sets of the file, or none. One of a name that is there already takes its place, which
    one of an earlier version does only if `older`; the very same one stays as it is and is not in the
    answer."""
    found = read_packs(file_name, content, version=version)
    for pack in found:
        _try(pack, now)
    added = []
    for pack in found:
        before = _current(pack.name)
        if before is not None:
            if (before.sha256, before.levels) == (pack.sha256, pack.levels):
                continue
            if not older and _order(pack.version) < _order(before.version):
                raise BadPack(
                    _m("%(name)s %(installed)s is installed, which is later than %(version)s. Add "
                       "--older if it shall be replaced all the same."),
                    name=pack.name, installed=before.version, version=pack.version,
                )  # fmt: skip
            before.removed_at, before.removed_by_name = now, actor.name
            db.session.flush()
        row = RulePack(
            id=uuid7(), name=pack.name, version=pack.version, sha256=pack.sha256,
            source_name=file_name, source_sha256=hashlib.sha256(content).hexdigest(),
            rules=pack.rules, levels=pack.levels, installed_at=now, installed_by_name=actor.name,
            content=gzip.compress(pack.text.encode(), mtime=0),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        audit.record(
            "documents.rules.added", actor=actor, now=now, object_type="rule_pack",
            object_id=row.id, pack=row.name, version=row.version, sha256=row.sha256,
        )  # fmt: skip
        added.append(row)
    return added


def remove_pack(*, name: str, actor: Actor, now: datetime) -> RulePack:
    """From here on what needs it is "not validated"; slips of before keep their words."""
    row = _current(name)
    if row is None:
        raise NotFound(_m("No rule pack of this name is installed."))
    row.removed_at, row.removed_by_name = now, actor.name
    db.session.flush()
    audit.record(
        "documents.rules.removed", actor=actor, now=now, object_type="rule_pack",
        object_id=row.id, pack=row.name, version=row.version,
    )  # fmt: skip
    return row


def _order(version: str) -> list[int]:
    """Versions count number by number: 2.10 is later than 2.9."""
    return [int(one) for one in re.findall("[0-9]+", version)]


def _current(name: str) -> RulePack | None:
    return db.session.execute(
        select(RulePack).where(RulePack.name == name, RulePack.removed_at.is_(None))
    ).scalar_one_or_none()


def _try(found: FoundPack, now: datetime) -> None:
    title, form = INSTALLABLE[found.name]
    pack = Pack(found.name, title, found.version, "schematron", form, text=found.text)
    run = check(_SMALLEST[form], (found.name,), now=now, installed={found.name: pack}).runs[0]
    if run.outcome == "not_run":
        raise BadPack(_m("The rules of %(path)s can't be run."), path=found.source)
