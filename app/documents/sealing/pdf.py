"""Sealing a PDF and reading a seal: PAdES, certified against every change but the filling of forms,
so that PDF/A and an embedded file stay what they are. pyHanko is heavy: it is loaded when needed."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.documents.sealing.certificates import Certified

FIELD = "Seal"


@dataclass(frozen=True, slots=True)
class SealReading:
    """`intact`: not a byte of what was sealed has changed. `trusted`: by one of our roots.
    `unchanged`: nothing was added since, but what keeps a seal valid for longer. `stamped` is
    whether a timestamp authority said the time, and not the sealer's own clock."""

    intact: bool
    trusted: bool
    unchanged: bool
    sealed_at: datetime | None
    signer: str
    stamped: bool

    @property
    def good(self) -> bool:
        return self.intact and self.trusted and self.unchanged


def seal_pdf(
    content: bytes,
    *,
    seal: Certified,
    roots: Sequence[str],
    reason: str,
    now: datetime,
    timestamper: Any = None,
) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

    class AtOurTime(PdfSigner):
        def init_signing_session(self, *args: Any, **more: Any) -> Any:
            session = super().init_signing_session(*args, **more)
            session.system_time = now
            return session

    meta = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", reason=reason, name=seal.subject,
        certify=True, docmdp_permissions=MDPPerm.FILL_FORMS, subfilter=SigSeedSubFilter.PADES,
    )  # fmt: skip
    signer = AtOurTime(meta, signer=_signer(seal, roots), timestamper=timestamper)
    # What is added begins a line of its own, as PDF/A wants it.
    whole = content if content.endswith(b"\n") else content + b"\n"
    out: io.BytesIO = _alone(signer.sign_pdf, IncrementalPdfFileWriter(io.BytesIO(whole)))
    return out.getvalue()


def read_seal(content: bytes, *, roots: Sequence[str]) -> SealReading | None:
    """Of the first seal; None where there is none, or no readable PDF."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    try:
        found = PdfFileReader(io.BytesIO(content)).embedded_signatures
        if not found:
            return None
        # The certificate had to hold when it sealed, not today.
        at = found[0].self_reported_timestamp
        context = ValidationContext(
            trust_roots=_loaded(roots), allow_fetching=False, moment=at, retroactive_revinfo=True
        )
        status = _alone(validate_pdf_signature, found[0], context)
    except (PdfError, SigningError, SignatureValidationError, ValueError, KeyError, TypeError):
        return None
    return SealReading(
        intact=bool(status.intact and status.valid), trusted=bool(status.trusted),
        unchanged=status.docmdp_ok is not False, sealed_at=at,
        signer=status.signing_cert.subject.human_friendly,
        stamped=status.timestamp_validity is not None,
    )  # fmt: skip


def _alone(call: Callable[..., Any], *given: Any) -> Any:
    """pyHanko runs an event loop of its own, which a thread that has one already refuses."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call, *given).result()


def _signer(seal: Certified, roots: Sequence[str]) -> Any:
    from asn1crypto import keys, pem
    from pyhanko.sign.signers.pdf_cms import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(_loaded(roots))
    _, _, key = pem.unarmor(seal.key)
    return SimpleSigner(_loaded([seal.pem])[0], keys.PrivateKeyInfo.load(key), store)


def _loaded(pems: Sequence[str]) -> list[Any]:
    from asn1crypto import pem, x509

    return [x509.Certificate.load(pem.unarmor(one.encode())[2]) for one in pems]
