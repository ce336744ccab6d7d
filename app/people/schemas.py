from marshmallow import Schema, fields, validate

from app.catalogue.lines import LINES
from app.web.fields import TrimmedString
from app.web.person_fields import code_of_own, email_address, language_choice, person_name
from tenants.core.text import _m
from tenants.services.members import MemberState

ROLES = {
    "client_user": _m("User: raises requests, answers, uploads"),
    "client_admin": _m("Administrator: also people, access, subscription"),
}


GUEST_LEVELS = {
    "read": _m("Read: sees requests, results, documents, evidence and service levels"),
    "query": _m("Ask: also asks the provider. These questions count as your requests"),
}
_CODE_HELP = _m("Of your authenticator app: a guest is somebody from outside.")


class GuardedForm(Schema):
    """`client` is the company that the writer saw."""

    client = fields.String(load_default="", metadata={"input": "hidden"})


class RightsForm(GuardedForm):
    role = fields.String(
        required=True,
        validate=validate.OneOf(list(ROLES), labels=list(ROLES.values())),
        metadata={"label": _m("Role"), "input": "radio"},
    )
    approver = fields.Boolean(
        load_default=False,
        metadata={
            "label": _m("May approve"),
            "help": _m("Decides on results and payments. Needs an authenticator app."),
        },
    )
    lines = fields.List(
        fields.String(validate=validate.OneOf(list(LINES), labels=list(LINES.values()))),
        load_default=list,
        metadata={
            "label": _m("Service lines"),
            "input": "checkbox",
            "help": _m("Requests of other lines stay hidden from this person."),
        },
    )


class InviteForm(GuardedForm):
    display_name = person_name(autofocus=True)
    email = email_address()
    language = language_choice(help=_m("Of the invitation and of the first pages."))
    role = RightsForm._declared_fields["role"]
    approver = RightsForm._declared_fields["approver"]
    lines = RightsForm._declared_fields["lines"]


class ChangeForm(RightsForm):
    """`seen` is the state that the form was made from."""

    seen = fields.String(load_default="", metadata={"input": "hidden"})
    sure = fields.Boolean(
        load_default=False,
        metadata={"label": _m("Yes, I give up my own administration of this company")},
    )


class GuestTermsForm(GuardedForm):
    lines = fields.List(
        fields.String(validate=validate.OneOf(list(LINES), labels=list(LINES.values()))),
        load_default=list,
        metadata={
            "label": _m("Service lines"),
            "input": "checkbox",
            "help": _m("The guest sees these and no others. HR shows salaries."),
        },
    )
    level = fields.String(
        required=True,
        validate=validate.OneOf(list(GUEST_LEVELS), labels=list(GUEST_LEVELS.values())),
        metadata={"label": _m("Level"), "input": "radio"},
    )
    reason = TrimmedString(
        required=True,
        validate=validate.Length(max=200),
        metadata={
            "label": _m("Reason"),
            "help": _m("For example: annual accounts 2026."),
        },
    )
    until = fields.Date(
        required=True,
        metadata={"label": _m("Last day"), "help": _m("12 months at most; you can renew it.")},
    )


class InviteGuestForm(GuestTermsForm):
    display_name = person_name(autofocus=True)
    email = email_address()
    language = language_choice(help=_m("Of the invitation and of the first pages."))
    code = code_of_own(_m("Your own code"), help=_CODE_HELP)


class ChangeGuestForm(GuestTermsForm):
    code = TrimmedString(
        load_default="",
        validate=validate.Length(max=40),
        metadata={
            "label": _m("Your own code"),
            "autocomplete": "one-time-code",
            "help": _m("Of your authenticator app. Needed to give more lines, a higher level or a "
                       "later day; not to take away."),
        },
    )  # fmt: skip


class CodeForm(GuardedForm):
    code = code_of_own(_m("Your own code"))


def seen_text(state: MemberState) -> str:
    return f"{state.role}|{int(state.approver)}|{','.join(state.lines)}"


def seen_state(text: str) -> MemberState:
    """What no form of ours wrote equals no state, so that it counts as changed."""
    role, _, rest = text.partition("|")
    approver, _, lines = rest.partition("|")
    return MemberState(role, approver == "1", tuple(line for line in lines.split(",") if line))
