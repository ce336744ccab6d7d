"""The mails of accounts, in their reader's language whatever the request's is."""

import flask_babel  # type: ignore[import-untyped]
from flask import render_template
from flask_babel import gettext as _

from tenants.services.invitations import Mail, Recipient, WriteMail


def _written(name: str, subject: str, to: Recipient, **values: str) -> Mail:
    return Mail(
        subject=subject,
        text=render_template(f"auth/mail/{name}.txt", to=to, **values),
        html=render_template(f"auth/mail/{name}.html", to=to, **values),
    )


def reset(to: Recipient) -> Mail:
    with flask_babel.force_locale(to.language):
        return _written("reset", _("Your new password for Coulisse"), to)


def invitation(company: str) -> WriteMail:
    """`company` is whom the reader will work for, or with."""

    def write(to: Recipient) -> Mail:
        with flask_babel.force_locale(to.language):
            subject = _("%(company)s invites you to Coulisse", company=company)
            return _written("invitation", subject, to, company=company)

    return write
