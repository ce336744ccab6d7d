"""How a mail server signs what it hands over by HTTP: with a secret that only we two know, over the
time, the envelope and the mail."""

import hmac
from collections.abc import Iterable

TOLERANCE = 300


def signature(secret: str, *, timestamp: str, mail_from: str, rcpt_to: str, raw: bytes) -> str:
    envelope = f"{timestamp}\n{mail_from}\n{rcpt_to}\n".encode("utf-8", "surrogateescape")
    return "v1=" + hmac.digest(secret.encode(), envelope + raw, "sha256").hex()


def is_signed(
    given: str, secrets: Iterable[str], *, now: int, timestamp: str, mail_from: str, rcpt_to: str,
    raw: bytes,
) -> bool:  # fmt: skip
    """By any of our secrets, of which there are two while one replaces the other."""
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    if abs(now - int(timestamp)) > TOLERANCE:
        return False
    expected = [
        signature(one, timestamp=timestamp, mail_from=mail_from, rcpt_to=rcpt_to, raw=raw)
        for one in secrets
    ]
    return any(hmac.compare_digest(one.encode(), given.encode()) for one in expected)
