from flask import current_app

from app.mail_in.rules import MailRules
from tenants.core.mail import sender_address


def mail_rules() -> MailRules:
    settings = current_app.config["SETTINGS"]
    return MailRules(
        domain=settings.mail_in_domain,
        authserv_id=settings.mail_in_authserv_id,
        own_domain=sender_address().rpartition("@")[2],
    )
