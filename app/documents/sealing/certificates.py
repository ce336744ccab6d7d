"""The provider's own root and the seals that it vouches for. Not qualified: they prove that a file
is unchanged and ours to those who trust this root, and no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT_LASTS, SEAL_LASTS = timedelta(days=20 * 365), timedelta(days=5 * 365)
# Clocks differ: what is made now has to hold a little before.
_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate with its key, both as PEM; whoever has the key can seal."""

    pem: str
    key: bytes
    subject: str
    starts_at: datetime
    ends_at: datetime


def make_root(*, owner: str, now: datetime) -> Certified:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(owner, "root")
    made = (
        _begun(name, name, key.public_key(), now - _BEFORE, now + ROOT_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certify=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _certified(made, key)


def make_seal(*, owner: str, root: Certified, now: datetime) -> Certified:
    key = ec.generate_private_key(ec.SECP256R1())
    above = x509.load_pem_x509_certificate(root.pem.encode())
    signing = serialization.load_pem_private_key(root.key, None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    ends = min(now + SEAL_LASTS, above.not_valid_after_utc)
    made = (
        _begun(_name(owner, "seal"), above.subject, key.public_key(), now - _BEFORE, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certify=False), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
            critical=False,
        )
        .sign(signing, hashes.SHA256())
    )
    return _certified(made, key)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, starts: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(owner: str, what: str) -> x509.Name:
    """X.509 takes 64 characters."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{owner[:45]} document {what}"),
        ]
    )


def _usage(*, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certify, content_commitment=not certify, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=certify, crl_sign=certify,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _certified(made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Certified:
    return Certified(
        made.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        made.subject.rfc4514_string(), made.not_valid_before_utc, made.not_valid_after_utc,
    )  # fmt: skip
