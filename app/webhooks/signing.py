"""Standard Webhooks: what proves to the receiver that a message is ours and unchanged."""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence

from tenants.core.text import _m

PREFIX = "whsec_"
# Base64 of 24 to 64 bytes.
_FOUR = "[A-Za-z0-9+/]{4}"
SECRET = (
    rf"^{PREFIX}(({_FOUR}){{8,20}}({_FOUR}|[A-Za-z0-9+/]{{3}}=|[A-Za-z0-9+/]{{2}}==)?"
    rf"|({_FOUR}){{21}}[A-Za-z0-9+/]{{2}}==)$"
)
NOT_A_SECRET = _m("Write whsec_ and then 24 to 64 random bytes in base64.")


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    return re.fullmatch(SECRET, text, re.ASCII) is not None


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
