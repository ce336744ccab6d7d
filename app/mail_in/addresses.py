"""To whom a mail is addressed: a company, one of its lines, or a request that somebody answers."""

from dataclasses import dataclass

from app.notifications import reply_addresses
from app.notifications.reply_addresses import ReplyTo
from tenants.models import SERVICE_LINES

# Where what names no line belongs.
GENERAL_LINE = "administration"


@dataclass(frozen=True, slots=True)
class Intake:
    slug: str
    line: str = GENERAL_LINE


@dataclass(frozen=True, slots=True)
class Recipient:
    """`reply` is set for answers, else `intake`."""

    address: str
    intake: Intake | None = None
    reply: ReplyTo | None = None


def parse(address: str, *, domain: str) -> Recipient | None:
    """None for an address that isn't ours."""
    local, _, at = address.strip().strip("<>").lower().rpartition("@")
    if not domain or at.rstrip(".") != domain.lower() or not local or not local.isascii():
        return None
    whole = f"{local}@{at.rstrip('.')}"
    if local.startswith(reply_addresses.PREFIX):
        reply = reply_addresses.read(local)
        return Recipient(whole, reply=reply) if reply else None
    slug, plus, line = local.partition("+")
    if plus and line not in SERVICE_LINES:
        return None
    return Recipient(whole, intake=Intake(slug, line or GENERAL_LINE))


def intake_address(slug: str, *, domain: str, line: str = "") -> str:
    return f"{slug}+{line}@{domain}" if line else f"{slug}@{domain}"
