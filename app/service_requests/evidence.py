"""Whether a request's chain from the invoice down to the file holds, and where it doesn't."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.service_requests.package import package_hash
from app.timesheets.rounding import billed
from billing.tracing import BilledRecord
from tenants.core.text import _m

# From the worst to none; a chain is what its worst finding is.
LEVELS = ("broken", "missing", "pending")
PARTS = ("billing", "time", "steps", "review", "files", "approval")
SAME, CHANGED, GONE, UNREAD, DELETED = "same", "changed", "gone", "unread", "deleted"


@dataclass(frozen=True, slots=True)
class Finding:
    """`pending` is not wrong, only not there yet."""

    level: str
    part: str
    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileProof:
    """`sha256` is what was handed over and approved, `found` what the bytes give now; with a
    `certificate` they were deleted after their period."""

    id: UUID
    file_id: UUID
    kind: str
    version: int
    title: str
    name: str
    size: int
    sha256: str
    found: str | None
    measures: Mapping[str, int]
    by: str
    at: datetime
    read: bool = True
    certificate: int | None = None

    @property
    def state(self) -> str:
        if self.certificate is not None:
            return DELETED
        if not self.read:
            return UNREAD
        if self.found is None:
            return GONE
        return SAME if self.found == self.sha256 else CHANGED


@dataclass(frozen=True, slots=True)
class Chain:
    """What is recorded of one request. `entries` are those that the reader may see, `recorded` the
    billable minutes of all. `passed` and `approval` are the last that count; `draw` says why the last
    submission was checked or not, for the provider only."""

    gated: bool
    delivered_at: datetime | None
    records: Sequence[BilledRecord]
    entries: Sequence[Any]
    recorded: int
    time_step: int
    moves: Sequence[Any]
    files: Sequence[FileProof]
    passed: Any | None
    approval: Any | None
    audit: Sequence[Any]
    draw: Any | None = None

    @property
    def billable_minutes(self) -> int:
        return billed(self.recorded, self.time_step)

    @property
    def stored_package(self) -> str:
        return package_hash(self.files)

    @property
    def package_now(self) -> str | None:
        """Of the bytes as they are; None while some are gone or unread."""
        if any(one.found is None for one in self.files):
            return None
        return package_hash([_Found(one.kind, one.version, one.found or "") for one in self.files])

    def billed(self, meter: str, source_id: UUID) -> int:
        return sum(
            one.quantity
            for one in self.records
            if (one.part.meter, one.source_id) == (meter, source_id)
        )


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    findings: Sequence[Finding]

    @property
    def state(self) -> str:
        """complete, pending, missing or broken."""
        return _worst(self.findings)

    def of(self, part: str) -> str:
        return _worst([one for one in self.findings if one.part == part])


def _worst(findings: Sequence[Finding]) -> str:
    found = {one.level for one in findings}
    return next((level for level in LEVELS if level in found), "complete")


def judge(chain: Chain) -> Verdict:
    findings = [*_billing(chain), *_time(chain), *_steps(chain), *_files(chain), *_approval(chain)]
    return Verdict(sorted(findings, key=lambda one: LEVELS.index(one.level)))


def _billing(chain: Chain) -> Iterator[Finding]:
    for one in chain.files:
        for meter in {*one.measures, "statement_lines"}:
            measured, billed = one.measures.get(meter, 0), chain.billed(meter, one.id)
            if chain.delivered_at is not None and measured != billed:
                yield Finding(
                    "broken", "billing",
                    _m("A deliverable stands for %(measured)s units, but %(billed)s were billed."),
                    {"measured": measured, "billed": billed},
                )  # fmt: skip
    waiting = [one for one in chain.records if not one.free]
    if any(one.invoice is None or not one.invoice.final for one in waiting):
        yield Finding("pending", "billing", _m("Not everything is on a final invoice yet."))


def _time(chain: Chain) -> Iterator[Finding]:
    found = sum(
        one.quantity
        for one in chain.records
        if (one.part.meter, one.source_type) == ("operator_minutes", "request")
    )
    if chain.delivered_at is not None and found != chain.billable_minutes:
        yield Finding(
            "broken", "time",
            _m("%(billed)s minutes were billed, but the time recorded is %(recorded)s minutes."),
            {"billed": found, "recorded": chain.billable_minutes},
        )  # fmt: skip


def _steps(chain: Chain) -> Iterator[Finding]:
    if chain.delivered_at is None:
        yield Finding("pending", "steps", _m("The request is not delivered yet."))
        return
    if chain.passed is None:
        yield Finding("missing", "review", _m("No quality check is recorded."))


def _files(chain: Chain) -> Iterator[Finding]:
    if not chain.files and chain.delivered_at is not None:
        yield Finding("missing", "files", _m("No deliverable is attached."))
    for one in chain.files:
        if one.state == CHANGED:
            yield Finding(
                "broken", "files",
                _m("A file is not the one that was handed over: its bytes were changed."),
            )  # fmt: skip
        elif one.state == GONE:
            yield Finding("broken", "files", _m("A file that was handed over is gone."))
    if any(one.state == UNREAD for one in chain.files):
        yield Finding(
            "pending", "files", _m("The files are large and were not read for this page.")
        )


def _approval(chain: Chain) -> Iterator[Finding]:
    if not chain.gated or chain.delivered_at is None:
        return
    if chain.approval is None:
        yield Finding("missing", "approval", _m("No approval is recorded."))
    elif chain.approval.sha256 != chain.stored_package:
        yield Finding(
            "broken", "approval",
            _m("The approval was given for other files than these: the package hashes differ."),
        )  # fmt: skip
    elif chain.package_now not in (None, chain.approval.sha256):
        yield Finding(
            "broken", "approval", _m("The bytes as they are now are not what was approved.")
        )
