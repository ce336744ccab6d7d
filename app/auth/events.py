"""How the events of an account read to its owner."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class Look:
    icon: str
    text: str
    alert: bool = False


LOOKS: Mapping[str, Look] = {
    "account.session.started": Look("login", _m("Signed in with the password")),
    "account.session.ended": Look("logout", _m("Signed out")),
    "account.sign_in.refused": Look("alert-triangle", _m("Wrong password at sign-in"), alert=True),
    "account.second_factor.confirmed": Look("shield-check", _m("Confirmed with a code")),
    "account.second_factor.refused": Look("alert-triangle", _m("Wrong code"), alert=True),
    "account.second_factor.enrolled": Look("device-mobile", _m("Authenticator app set up")),
    "account.second_factor.removed": Look("shield-lock", _m("Authenticator app removed")),
    "account.recovery_codes.renewed": Look("refresh", _m("New recovery codes made")),
    "account.password.changed": Look("key", _m("Password changed")),
    "account.invitation.used": Look("key", _m("First password chosen by the invitation")),
    "account.reset.used": Look("key", _m("New password chosen by a link")),
    "account.profile.changed": Look("user-cog", _m("Language, time or keys changed")),
    "account.notices.chosen": Look("mail", _m("Choice of mails changed")),
}
