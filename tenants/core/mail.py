"""One mail over SMTP_URL (smtp://user:password@host:port or smtps://…)."""

import os
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from urllib.parse import unquote, urlsplit

# In every mail of ours, so that one that comes back is known.
OWN_MARK = "X-Coulisse"


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


def sender_address() -> str:
    return os.environ.get("MAIL_FROM", "no-reply@coulisse.example")


def deliver(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    thread: str = "",
    preferences: str = "",
    reply_to: str = "",
    from_name: str = "Coulisse",
    attachments: Sequence[Attachment] = (),
) -> None:
    """Raises OSError or smtplib.SMTPException; the fixed message id marks a repeat as the same.

    Mails of one `thread` answer to the same message, which was never sent: mail programs put them
    together. `preferences` is the page where this kind of mail can be switched off, `reply_to` the
    address at which an answer is understood.
    """
    url = urlsplit(os.environ["SMTP_URL"])
    sender = sender_address()
    message = EmailMessage()
    message["From"] = formataddr((from_name, sender))
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    domain = sender.partition("@")[2]
    message["Message-ID"] = f"<{message_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message[OWN_MARK] = "1"
    if reply_to:
        message["Reply-To"] = reply_to
    if thread:
        message["In-Reply-To"] = message["References"] = f"<{thread}@{domain}>"
    if preferences:
        message["List-Unsubscribe"] = f"<{preferences}>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    for one in attachments:
        kind, _, subtype = one.media_type.partition("/")
        message.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with connect(url.hostname or "localhost", url.port or 25, timeout=20) as server:
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
