"""Which bank accounts a merge may leave in use: none that one person alone could have brought."""

from collections.abc import Sequence
from datetime import datetime

from app.directory.models import PartyAccount


def to_call_back(
    *, kept: Sequence[PartyAccount], kept_since: datetime, other: Sequence[PartyAccount],
    other_since: datetime,
) -> list[PartyAccount]:  # fmt: skip
    """Those of both sides that have to wait for a second person once the two are one. For each side
    an account of the other one is a later one, unless it was there first or was called back; what
    the other one was paid to never takes the place of what the kept one is paid to."""
    mine, theirs = _in_use(kept), _in_use(other)
    shared = {row.iban_index for row in mine} & {row.iban_index for row in theirs}
    mine = [row for row in mine if row.iban_index not in shared]
    theirs = [row for row in theirs if row.iban_index not in shared]
    if shared:
        return [*mine, *theirs]
    doubted = any(_vouched(row, kept_since) for row in theirs)
    waiting = [row for row in theirs if mine or not _vouched(row, kept_since)]
    return waiting + [row for row in mine if doubted or not _vouched(row, other_since)]


def _in_use(rows: Sequence[PartyAccount]) -> list[PartyAccount]:
    return [row for row in rows if row.state == "active"]


def _vouched(row: PartyAccount, since: datetime) -> bool:
    return row.decided_by is not None or row.entered_at <= since
