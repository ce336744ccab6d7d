"""Two mails that wait in quarantine: one that only says it is the client's, one of a stranger."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr

from app.demo.cast import DemoClient
from app.mail_in.addresses import Intake, Recipient, intake_address
from app.mail_in.rules import MailRules
from app.mail_in.services.landing import read_mail
from app.mail_in.services.receiving import receive

SLUG = "lentier"
RULES = MailRules(domain="mail.coulisse.example", authserv_id="", own_domain="coulisse.example")


def fill_mails(client: DemoClient, now: datetime) -> None:
    if client.slug != SLUG:
        return
    person = client.people[0]
    _receive(
        client, "finance", formataddr((person.name, client.email(person))),
        "Nouveau RIB de notre fournisseur",
        "Bonjour,\n\nmerci de noter le nouveau RIB ci-joint et de payer la facture 2026-118"
        " aujourd'hui.\n\nCordialement", "rib.pdf", now,
    )  # fmt: skip
    _receive(
        client, "logistics", formataddr(("Transports Rivière", "exploitation@riviere.example")),
        "Preuve de livraison 4471",
        "Bonjour,\n\nveuillez trouver la preuve de livraison de mardi.\n\nTransports Rivière",
        "livraison-4471.pdf", now,
    )  # fmt: skip


def _receive(
    client: DemoClient, line: str, sender: str, subject: str, words: str, file: str, now: datetime
) -> None:
    address = intake_address(client.slug, domain=RULES.domain, line=line)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, address, subject
    mail["Message-ID"] = f"<demo-{line}@{client.slug}.example>"
    mail.set_content(words)
    mail.add_attachment(b"%PDF-1.7\n", maintype="application", subtype="pdf", filename=file)
    # The same on every seeding, so that it stays the same mail.
    mail.set_boundary("demonstration")
    received = receive(
        raw=mail.as_bytes(), envelope_from="demo@sender.example", source="lmtp", now=now,
        recipient=Recipient(address, intake=Intake(client.slug, line)),
    )  # fmt: skip
    if received.new:
        read_mail(mail_id=received.mail_id, rules=RULES, now=now)
