from typing import Any

from marshmallow import Schema, fields

from tenants.core.text import _m

_HIDDEN = {"input": "hidden"}


def _person(label: str, help_: str) -> fields.Field[Any]:
    return fields.UUID(
        load_default=None, allow_none=True,
        metadata={"label": label, "input": "select", "placeholder": _m("Nobody by name"),
                  "help": help_},
    )  # fmt: skip


class RuleForm(Schema):
    client = fields.String(load_default="", metadata=_HIDDEN)
    version = fields.Integer(load_default=0, metadata=_HIDDEN)
    operator = _person(_m("Operator"), _m("Gets it first."))
    deputy = _person(
        _m("Deputy"), _m("Gets it while the operator is away, or has no access any more.")
    )
    by_load = fields.Boolean(
        load_default=False,
        metadata={
            "label": _m("Else whoever has the fewest open requests"),
            "help": _m("Among all who may work on this line and are not away."),
        },
    )
    skill = fields.String(
        load_default="",
        metadata={
            "label": _m("Skill that it needs"), "input": "select", "placeholder": _m("None"),
            "help": _m("Nobody without it gets this work by itself. A supervisor says in the team what somebody can do."),
        },
    )  # fmt: skip
