"""Standard Webhooks: what proves to the receiver that a message is ours and unchanged."""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Base64 of 24 to 64 bytes behind the prefix."""
    if not re.fullmatch(r"whsec_[A-Za-z0-9+/]+={0,2}", text, re.ASCII):
        return False
    try:
        return SHORTEST <= len(_key(text)) <= LONGEST
    except binascii.Error:
        return False


def headers(*, message_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """One signature for each of `keys`, the current one first."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    signatures = [
        "v1," + base64.b64encode(hmac.digest(_key(key), signed, "sha256")).decode() for key in keys
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
