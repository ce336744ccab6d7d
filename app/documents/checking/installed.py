"""The rule packs that were added to those that come with the product."""

import gzip
from collections import OrderedDict
from collections.abc import Sequence

from sqlalchemy import select

from app.documents.checking.models import RulePack
from app.documents.checking.packs import INSTALLABLE, Pack
from tenants.core.db import db

R = RulePack
# By hash: a pack of half a megabyte is read from the database once for each process.
_TEXTS: OrderedDict[str, str] = OrderedDict()
_KEPT = 8


def list_installed() -> Sequence[RulePack]:
    """Also those that were removed or replaced; of each name the latest first."""
    query = select(R).order_by(R.name, R.installed_at.desc(), R.id.desc())
    return db.session.execute(query).scalars().all()


def current() -> Sequence[RulePack]:
    query = select(R).where(R.removed_at.is_(None)).order_by(R.name)
    return db.session.execute(query).scalars().all()


def installed_packs() -> dict[str, Pack]:
    return {
        row.name: Pack(
            row.name, INSTALLABLE[row.name][0], row.version, "schematron",
            INSTALLABLE[row.name][1], text=_text(row), levels=tuple(row.levels.items()),
        )
        for row in current()
    }  # fmt: skip


def _text(row: RulePack) -> str:
    if row.sha256 not in _TEXTS:
        _TEXTS[row.sha256] = gzip.decompress(row.content).decode()
        while len(_TEXTS) > _KEPT:
            _TEXTS.popitem(last=False)
    return _TEXTS[row.sha256]
