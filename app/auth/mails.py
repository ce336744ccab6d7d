"""The mails of accounts, in their reader's language whatever the request's is."""

import flask_babel  # type: ignore[import-untyped]
from flask import render_template
from flask_babel import gettext as _

from app.web.i18n import text
from tenants.core.text import _m
from tenants.services.invitations import Mail, Recipient, WriteMail

# What happened to somebody's account: subject, and the sentence. `where` is whose doing it was.
SECURITY = {
    "password_changed": (
        _m("Your password for Coulisse was changed"),
        _m("the password of your account was changed. Your other sessions were signed out."),
    ),
    "factor_set_up": (
        _m("Your authenticator app for Coulisse was set up"),
        _m("an authenticator app was set up for your account. Your other sessions were signed out."),
    ),
    "factor_removed": (
        _m("Your authenticator app for Coulisse was removed"),
        _m("the authenticator app was removed from your account: a password is enough again."),
    ),
    "codes_renewed": (
        _m("Your recovery codes for Coulisse were renewed"),
        _m("new recovery codes were made for your account. The old ones don't work any more."),
    ),
    "factor_reset": (
        _m("Your second factor for Coulisse was reset"),
        _m("an administrator of %(where)s reset your second factor. You were signed out everywhere; "
           "sign in with your password, then set up your authenticator app again."),
    ),
}  # fmt: skip


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


def security(event: str, where: str = "") -> WriteMail:
    """One of SECURITY, to the account's owner."""

    def write(to: Recipient) -> Mail:
        subject, sentence = SECURITY[event]
        with flask_babel.force_locale(to.language):
            return _written("security", text(subject), to, what=text(sentence, {"where": where}))

    return write
