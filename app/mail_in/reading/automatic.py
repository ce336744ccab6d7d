"""Mails that no person wrote to us. They are never answered, and nothing is raised from them."""

import re
from email.message import Message

from app.mail_in.reading.headers import raw_values, value
from tenants.core.mail import OWN_MARK

# As the outbox numbers them: others of the same domain write mails, too.
_OWN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_BULK = ("bulk", "list", "junk", "auto_reply")
_MARKS = ("X-Autoreply", "X-Autorespond", "List-Id")


def why_automatic(message: Message, *, envelope_from: str, own_domain: str) -> str:
    """'loop', 'bounce' or 'automatic'; empty for a mail that a person may have written."""
    if _is_ours(message, own_domain):
        return "loop"
    if not envelope_from.strip("<> ") or _reports(message):
        return "bounce"
    return "automatic" if _marked(message) else ""


def _is_ours(message: Message, own_domain: str) -> bool:
    if raw_values(message, OWN_MARK):
        return True
    own = f"@{own_domain.lower()}"
    ids = [one.strip("<> ") for one in raw_values(message, "Message-ID")]
    return any(_OWN_ID.fullmatch(one.removesuffix(own)) for one in ids if one.endswith(own))


def _reports(message: Message) -> bool:
    return message.get_content_type() == "multipart/report"


def _marked(message: Message) -> bool:
    submitted = value(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if value(message, "Precedence").lower() in _BULK:
        return True
    return any(raw_values(message, name) for name in _MARKS)
