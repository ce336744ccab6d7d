"""Field encryption: AES-256-GCM, a data key per tenant wrapped by a master key ring.

A stored value is `key id . nonce + ciphertext`, base64; the associated data `tenant|table.column|row`
binds it to its place, so that a value moved to another row doesn't decrypt.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class KeyRing:
    """Master keys, newest first; older ones still unwrap."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("COULISSE_MASTER_KEY must hold 32 bytes in base64, several by commas")
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        self._newest = next(iter(self._keys))

    @classmethod
    def from_text(cls, text: str) -> "KeyRing":
        return cls([base64.b64decode(part) for part in text.split(",") if part])

    def seal(self, plain: bytes, context: str) -> str:
        nonce = os.urandom(12)
        sealed = AESGCM(self._keys[self._newest]).encrypt(nonce, plain, context.encode())
        return f"{self._newest}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, stored: str, context: str) -> bytes:
        """Raises cryptography's InvalidTag for a changed value or the wrong context."""
        key_id, _, body = stored.partition(".")
        raw = base64.b64decode(body)
        return AESGCM(self._keys[key_id]).decrypt(raw[:12], raw[12:], context.encode())

    def mac(self, message: str, purpose: str) -> str:
        """A keyed hash that nobody can compute or try out without the master key."""
        return self._mac(self._newest, message, purpose)

    def macs(self, message: str, purpose: str) -> list[str]:
        """What `mac` may have answered with this ring's keys: older ones still count."""
        return [self._mac(key_id, message, purpose) for key_id in self._keys]

    def _mac(self, key_id: str, message: str, purpose: str) -> str:
        key = hmac.digest(self._keys[key_id], purpose.encode(), "sha256")
        return f"{key_id}.{hmac.digest(key, message.encode(), 'sha256').hex()}"


class DataKey:
    """A tenant's own key: destroying it erases every field it sealed, backups included."""

    def __init__(self, key: bytes) -> None:
        self._ring = KeyRing([key])
        self._index_key = hmac.digest(key, b"blind index", "sha256")

    @staticmethod
    def create() -> bytes:
        return os.urandom(32)

    def seal(self, plain: str, context: str) -> str:
        return self._ring.seal(plain.encode(), context)

    def open(self, stored: str, context: str) -> str:
        return self._ring.open(stored, context).decode()

    def blind_index(self, plain: str) -> str:
        """Equality search over a sealed field, within one tenant only."""
        return hmac.digest(self._index_key, plain.encode(), "sha256").hex()


def token_hash(token: str) -> str:
    """Tokens have 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
