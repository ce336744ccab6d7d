"""Sealing with the provider's own certificate, which is made when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.documents.sealing import pdf
from app.documents.sealing.models import ROOT, SEAL, SealCertificate, SealKey
from app.documents.sealing.queries import find_current, list_roots, provider_name
from app.documents.sealing.timestamps import TimestampUnavailable, authority
from tenants import keys
from tenants.core.db import db
from tenants.core.errors import Unavailable
from tenants.core.ids import uuid7
from tenants.core.text import _m

if TYPE_CHECKING:
    from app.documents.sealing.certificates import Certified

REASON = "Issued unchanged"
# A seal is followed by the next one while it still holds.
_FOLLOWED = timedelta(days=30)
_authority: list[str] = []


class NoTimestamp(Unavailable):
    code = "no_timestamp"
    message = _m(
        "The timestamp authority does not answer, so nothing was sealed or sent. Try again in a "
        "few minutes."
    )


def use_authority(url: str) -> None:
    """Of the settings; without one the time is that of our own clock, and said to be."""
    _authority[:] = [url] if url else []


def seal(content: bytes, *, now: datetime, timestamper: Any = None) -> bytes:
    """A PDF of ours, sealed by the provider. For those who act on its side."""
    current = ensure_seal(now=now)
    asked = timestamper or (authority(_authority[0]) if _authority else None)
    try:
        return pdf.seal_pdf(
            content, seal=current, roots=list_roots(), reason=REASON, now=now, timestamper=asked
        )
    except TimestampUnavailable as error:
        raise NoTimestamp from error


def read(content: bytes) -> pdf.SealReading | None:
    return pdf.read_seal(content, roots=list_roots())


def ensure_seal(*, now: datetime) -> Certified:
    """The one to seal with at this moment; root and seal are made where there are none yet."""
    found = _current(SEAL, now)
    if found is not None and found.ends_at - now > _FOLLOWED:
        return found
    _one_at_a_time()
    found = _current(SEAL, now)
    if found is not None and found.ends_at - now > _FOLLOWED:
        return found
    return renew_seal(now=now)


def renew_seal(*, now: datetime) -> Certified:
    """A new seal by the root that holds, or by a new one; the old ones stay readable."""
    from app.documents.sealing.certificates import make_root, make_seal

    owner = provider_name()
    root = _current(ROOT, now)
    if root is None:
        root = make_root(owner=owner, now=now)
        _keep(ROOT, root, now)
    made = make_seal(owner=owner, root=root, now=now)
    _keep(SEAL, made, now)
    return made


def _one_at_a_time() -> None:
    """Until the transaction ends."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("seal", 0))))


def _current(kind: str, now: datetime) -> Certified | None:
    found = find_current(kind=kind, now=now)
    if found is None:
        return None
    from app.documents.sealing.certificates import Certified

    row, key = found
    opened = keys.ring().open(key.sealed, _context(row))
    return Certified(row.pem, opened, row.subject, row.starts_at, row.ends_at)


def _keep(kind: str, made: Certified, now: datetime) -> None:
    row = SealCertificate(
        id=uuid7(), kind=kind, subject=made.subject, pem=made.pem, starts_at=made.starts_at,
        ends_at=made.ends_at, made_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.add(SealKey(certificate_id=row.id, sealed=keys.ring().seal(made.key, _context(row))))
    db.session.flush()


def _context(row: SealCertificate) -> str:
    return f"provider|seal_keys.sealed|{row.id}"


def fingerprints(rows: Sequence[SealCertificate]) -> dict[str, str]:
    """SHA-256 of each certificate by its id, as browsers and readers show it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return {
        str(row.id): x509.load_pem_x509_certificate(row.pem.encode())
        .fingerprint(hashes.SHA256())
        .hex(":")
        for row in rows
    }
