"""What a client's mail program and their mail server would do: a mail handed over to our receiver,
with what the server found out about its signature."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from html import escape

from dev.mail_pages import Mail, page

FIELDS = ("sender", "to", "subject", "words")


@dataclass(frozen=True)
class Receiver:
    """`authserv_id` is what the product takes for its own mail server."""

    port: int
    authserv_id: str

    def hand_over(self, given: dict[str, str]) -> str:
        """A sentence that says what became of it."""
        sender, to = given.get("sender", ""), given.get("to", "")
        mail = EmailMessage()
        try:
            domain = sender.rpartition("@")[2].strip(" >")
            if given.get("signed"):
                mail["Authentication-Results"] = f"{self.authserv_id}; dkim=pass header.d={domain}"
            mail["From"], mail["To"], mail["Subject"] = sender, to, given.get("subject", "")
            mail["Date"], mail["Message-ID"] = (
                formatdate(),
                make_msgid(domain=domain or "x.example"),
            )
            mail.set_content(given.get("words", "").replace("\r\n", "\n"))
            with smtplib.LMTP("127.0.0.1", self.port, timeout=20) as server:
                server.sendmail(sender, [to], mail.as_bytes(policy=SMTP))
        except smtplib.SMTPRecipientsRefused as error:
            return f"Refused: {next(iter(error.recipients.values()))[1].decode(errors='replace')}."
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return f"Not handed over: {error}."
        return "Handed over. It becomes a message or a request in a moment, or waits in quarantine."


def write_page(given: dict[str, str], said: str = "") -> str:
    def field(name: str, label: str) -> str:
        value = escape(given.get(name, ""))
        return (
            f'<label for="{name}">{label}</label><input id="{name}" name="{name}" value="{value}">'
        )

    return page(
        "Write a mail",
        '<p><a href="/">All mail</a></p><h1>Write a mail to Coulisse</h1>'
        '<p class="soft">As a client’s mail server would hand it over. Addresses look like'
        " lentier@mail.coulisse.example, or lentier+hr@… for one service line.</p>"
        f"{f'<p role=status><strong>{escape(said)}</strong></p>' if said else ''}"
        f'<form method="post" action="/write">{field("sender", "From")}{field("to", "To")}'
        f'{field("subject", "Subject")}<label for="words">Words</label>'
        f'<textarea id="words" name="words" rows="8">{escape(given.get("words", ""))}</textarea>'
        '<label><input type="checkbox" name="signed" value="1" checked> Signed by the sender’s'
        " domain (DKIM)</label><button>Hand over</button></form>",
    )


def answer_of(mail: Mail) -> dict[str, str]:
    """What an answer to this mail begins with."""
    quoted = "".join(f"> {line}\n" for line in mail.text.splitlines())
    return {
        "sender": mail.to[0] if mail.to else "",
        "to": mail.headers.get("Reply-To", ""),
        "subject": f"Re: {mail.subject}",
        "words": f"\n\nOn {mail.date} Coulisse wrote:\n{quoted}",
    }
