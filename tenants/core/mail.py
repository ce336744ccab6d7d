"""One mail over SMTP_URL (smtp://user:password@host:port or smtps://…)."""

import os
import smtplib
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from urllib.parse import unquote, urlsplit


def deliver(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    thread: str = "",
    preferences: str = "",
) -> None:
    """Raises OSError or smtplib.SMTPException; the fixed message id marks a repeat as the same.

    Mails of one `thread` answer to the same message, which was never sent: mail programs put them
    together. `preferences` is the page where this kind of mail can be switched off.
    """
    url = urlsplit(os.environ["SMTP_URL"])
    sender = os.environ.get("MAIL_FROM", "no-reply@coulisse.example")
    message = EmailMessage()
    message["From"] = formataddr(("Coulisse", sender))
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    domain = sender.partition("@")[2]
    message["Message-ID"] = f"<{message_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if thread:
        message["In-Reply-To"] = message["References"] = f"<{thread}@{domain}>"
    if preferences:
        message["List-Unsubscribe"] = f"<{preferences}>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with connect(url.hostname or "localhost", url.port or 25, timeout=20) as server:
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
