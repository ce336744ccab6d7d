"""The address to which somebody answers a mail about a request: for one company, one request and
one person, as its signature holds. It opens nothing; it says whose a reply is."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from uuid import UUID

from tenants import keys

PREFIX = "reply+"
_PURPOSE = "reply addresses"
_MAC = 16
_TAIL = 8
_LENGTH = 4 + _TAIL + _MAC


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """What stands readable in the address; whose it is only its signature proves. `tail` are the
    last bytes of the person's id: a whole one wouldn't fit before the @."""

    code: str
    number: int
    tail: bytes
    mac: bytes

    def is_of(self, *, tenant_id: UUID, request_id: UUID, user_id: UUID) -> bool:
        signed = _signed(tenant_id, request_id, user_id)
        return user_id.bytes[-_TAIL:] == self.tail and any(
            hmac.compare_digest(self.mac, _short(one)) for one in keys.ring().macs(signed, _PURPOSE)
        )


def reply_address(
    *, code: str, number: int, tenant_id: UUID, request_id: UUID, user_id: UUID, domain: str
) -> str:
    """Small letters and digits only, since servers change the case of an address."""
    mac = _short(keys.ring().mac(_signed(tenant_id, request_id, user_id), _PURPOSE))
    body = number.to_bytes(4, "big") + user_id.bytes[-_TAIL:] + mac
    token = base64.b32encode(body).decode().rstrip("=")
    return f"{PREFIX}{code}{token}@{domain}".lower()


def read(local_part: str) -> ReplyTo | None:
    """None for what was never such an address."""
    token = local_part.lower().removeprefix(PREFIX).upper()
    code, body = token[:3], token[3:]
    try:
        raw = base64.b32decode(body + "=" * (-len(body) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _LENGTH or not local_part.lower().startswith(PREFIX):
        return None
    number = int.from_bytes(raw[:4], "big")
    return ReplyTo(code, number, raw[4 : 4 + _TAIL], raw[4 + _TAIL :])


def _signed(tenant_id: UUID, request_id: UUID, user_id: UUID) -> str:
    return f"{tenant_id}|{request_id}|{user_id}"


def _short(mac: str) -> bytes:
    """Of a keyed hash as the ring writes it."""
    return bytes.fromhex(mac.rpartition(".")[2])[:_MAC]
