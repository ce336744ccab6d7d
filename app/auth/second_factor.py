"""One-time codes (TOTP, RFC 6238) and recovery codes. A code is good once: its step is stored."""

import base64
import io
import secrets
from typing import TYPE_CHECKING
from uuid import UUID

import pyotp

from tenants import keys
from tenants.core.later import Later

if TYPE_CHECKING:
    import segno
else:
    segno = Later("segno")

STEP = 30
# Without signs that look alike on paper.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    return pyotp.random_base32()


def matching_step(secret: str, code: str, *, at: float, after_step: int) -> int | None:
    """The step whose code this is, one step either side allowed; None for a wrong or used one."""
    code = code.replace(" ", "")
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    now = int(at) // STEP
    totp = pyotp.TOTP(secret)
    for step in (now - 1, now, now + 1):
        if step > after_step and secrets.compare_digest(totp.at(step * STEP), code):
            return step
    return None


def enrolment_link(secret: str, email: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Coulisse")


def qr_svg(link: str) -> str:
    out = io.BytesIO()
    segno.make(link, error="m").save(
        out, kind="svg", scale=5, border=2, light="#fff", xmldecl=False
    )
    return out.getvalue().decode()


def qr_data_url(link: str) -> str:
    """For an <img>: inline SVG would need styles that the policy forbids."""
    return f"data:image/svg+xml;base64,{base64.b64encode(qr_svg(link).encode()).decode()}"


def new_recovery_codes(count: int = 10) -> list[str]:
    """Sixteen signs of 32 each: 80 bits."""

    def group() -> str:
        return "".join(secrets.choice(ALPHABET) for _ in range(4))

    return ["-".join(group() for _ in range(4)) for _ in range(count)]


def recovery_hash(user_id: UUID, code: str) -> str:
    """Keyed by the master key: who reads the table alone can't try codes out."""
    return keys.ring().mac(_recovery_message(user_id, code), "recovery codes")


def recovery_hashes(user_id: UUID, code: str) -> list[str]:
    """Under every master key in use."""
    return keys.ring().macs(_recovery_message(user_id, code), "recovery codes")


def _recovery_message(user_id: UUID, code: str) -> str:
    return f"{user_id}|{''.join(sign for sign in code.lower() if sign.isalnum())}"
