"""A seal holds to the last byte, keeps what it seals archivable, and is never more than it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.documents.printing.letterheads import Letterhead, Sheet
from app.documents.sealing import services
from app.documents.sealing.certificates import make_root, make_seal
from app.documents.sealing.pdf import read_seal, seal_pdf
from app.documents.sealing.queries import list_certificates, list_roots
from app.documents.sealing.timestamps import TimestampUnavailable
from app.documents.templating.filling import Wording, fill
from tenants.scoping import Scope
from tests.documents.verapdf import assert_archivable
from tests.factories import acting

NOW = datetime(2026, 12, 3, 10, tzinfo=UTC)
ROOT = make_root(owner="Cabinet Morel " + "x" * 80, now=NOW)
SEAL = make_seal(owner="Cabinet Morel", root=ROOT, now=NOW)


@pytest.fixture(scope="module")
def letter() -> bytes:
    filled = fill(Wording("letter", "Subject", "Text"), {})
    return Sheet("letter", filled.data, Letterhead("Lentier"), "fr", NOW).pdf()


@pytest.fixture(scope="module")
def sealed(letter: bytes) -> bytes:
    return seal_pdf(letter, seal=SEAL, roots=[ROOT.pem], reason="Issued", now=NOW)


def test_a_seal_is_read_back(letter: bytes, sealed: bytes) -> None:
    found = read_seal(sealed, roots=[ROOT.pem])
    assert found
    assert found.good
    assert (found.sealed_at, found.stamped) == (NOW, False)
    assert "Cabinet Morel" in found.signer
    assert sealed.startswith(letter)
    # Long after the certificate has ended it still was the right one then.
    assert read_seal(letter, roots=[ROOT.pem]) is None


def test_what_is_sealed_stays_archivable_and_accessible(sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    assert_archivable(path)


@pytest.mark.parametrize("part", [0.05, 0.3, 0.5, 0.7])
def test_one_flipped_bit_is_noticed(letter: bytes, sealed: bytes, part: float) -> None:
    changed = bytearray(sealed)
    changed[int(len(letter) * part)] ^= 1
    found = read_seal(bytes(changed), roots=[ROOT.pem])
    assert found is None or not found.intact


def test_what_is_added_afterwards_is_noticed(sealed: bytes) -> None:
    import io

    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    writer.root["/Lang"] = generic.pdf_string("xx")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    found = read_seal(out.getvalue(), roots=[ROOT.pem])
    assert found is None or not found.good


def test_a_seal_of_somebody_elses_root_is_not_ours(sealed: bytes) -> None:
    other = make_root(owner="Cabinet Morel", now=NOW)
    found = read_seal(sealed, roots=[other.pem])
    assert found
    assert (found.intact, found.trusted) == (True, False)


@pytest.mark.parametrize("content", [b"", b"no pdf", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\ntrailer<<"])
def test_what_is_no_sealed_pdf_has_no_seal(content: bytes) -> None:
    assert read_seal(content, roots=[ROOT.pem]) is None


def test_an_authority_says_the_time(letter: bytes) -> None:
    from asn1crypto import keys, x509
    from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

    certificate, key = clock()
    stamper = DummyTimeStamper(
        x509.Certificate.load(certificate), keys.PrivateKeyInfo.load(key), fixed_dt=NOW
    )
    made = seal_pdf(letter, seal=SEAL, roots=[ROOT.pem], reason="x", now=NOW, timestamper=stamper)
    found = read_seal(made, roots=[ROOT.pem])
    assert found
    assert (found.intact, found.stamped) == (True, True)


def clock(around: datetime = NOW) -> tuple[bytes, bytes]:
    """A timestamp authority of our own: certificate and key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Clock")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(around - timedelta(days=1)).not_valid_after(around + timedelta(days=9))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.DER), key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip


@pytest.fixture
def of_operator(stage: Any, world: Any) -> Scope:
    scope: Scope = world.operator_a.scope(world.a)
    return scope


def test_root_and_seal_are_made_once_and_followed_in_time(
    stage: Any, of_operator: Scope, letter: bytes
) -> None:
    with acting(stage, of_operator):
        first = services.ensure_seal(now=NOW)
        assert services.ensure_seal(now=NOW + timedelta(days=400)).pem == first.pem
        made = services.seal(letter, now=NOW)
        later = services.ensure_seal(now=first.ends_at - timedelta(days=10))
        assert later.pem != first.pem
        assert len({row.id for row in list_certificates()}) >= 3
        found = services.read(made)
        assert found
        assert found.good
        assert read_seal(made, roots=list_roots()) == found


def test_without_its_authority_nothing_is_sealed(
    stage: Any, of_operator: Scope, letter: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_authority", ["http://127.0.0.1:9/tsr"])
    with pytest.raises((services.NoTimestamp, TimestampUnavailable)), acting(stage, of_operator):
        services.seal(letter, now=NOW)


def test_the_clients_side_cannot_seal(stage: Any, world: Any) -> None:
    """Its keys aren't there for it."""
    with acting(stage, world.operator_a.scope(world.a)):
        services.ensure_seal(now=NOW)
    with acting(stage, world.a.admin.scope(world.a)):
        assert services._current("seal", NOW) is None
        assert list_roots()
