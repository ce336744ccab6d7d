"""The mails of accounts, in their reader's language whatever the request's is."""

from collections.abc import Callable

import flask_babel  # type: ignore[import-untyped]
from flask_babel import gettext as _

from app.notifications.letters import Letter, compose
from tenants.services.invitations import Mail, Recipient, WriteMail


def reset(to: Recipient) -> Mail:
    with flask_babel.force_locale(to.language):
        return compose(
            Letter(
                name=to.name,
                subject=_("Your new password for Coulisse"),
                title=_("Your new password for Coulisse"),
                paragraphs=[
                    _("Somebody asked for a new password for this address. "
                      "If it was you, choose it here within one hour."),
                ],
                action=_("Choose a new password"),
                link=to.link,
                after=[
                    _("If it was not you, nothing needs to be done: your password stays as it is.")
                ],
                why=_("You get this mail because somebody asked for it with your address."),
            )
        )  # fmt: skip


def invitation(company: str) -> WriteMail:
    """`company` is whom the reader will work for, or with."""
    return _invitation(
        company,
        lambda: _("%(company)s gave you access to Coulisse, where the work that it hands over is "
                  "asked for, followed and approved.", company=company),
    )  # fmt: skip


def guest_invitation(company: str) -> WriteMail:
    """For somebody who looks at a part of its work: an accountant, an auditor."""
    return _invitation(
        company,
        lambda: _("%(company)s invites you as a guest: you can look at a part of the work that it "
                  "hands over, for a limited time. What you open is shown to %(company)s.",
                  company=company),
    )  # fmt: skip


def _invitation(company: str, said: Callable[[], str]) -> WriteMail:
    def write(to: Recipient) -> Mail:
        with flask_babel.force_locale(to.language):
            subject = _("%(company)s invites you to Coulisse", company=company)
            return compose(
                Letter(
                    name=to.name,
                    subject=subject,
                    title=subject,
                    paragraphs=[
                        said(),
                        _("Begin here. A first link works for seven days."),
                    ],
                    action=_("Open Coulisse"),
                    link=to.link,
                    why=_("You get this mail because %(company)s entered your address.",
                          company=company),
                )
            )  # fmt: skip

    return write
