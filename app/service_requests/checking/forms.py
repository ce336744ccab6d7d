"""The reviewer's forms: findings with a return, and which earlier ones are fixed."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from app.service_requests.checking.kinds import KINDS, SEVERITIES
from app.service_requests.checking.services.findings import Noted
from app.service_requests.schemas import ActForm
from app.web.fields import TrimmedString
from tenants.core.text import _m

# Places for findings in one form; more are noted in the last, or with the next check.
ROWS = 5


def _confirmed() -> Any:
    return fields.List(
        fields.UUID(),
        load_default=list,
        metadata={"label": _m("Earlier findings that are fixed"), "input": "checkbox"},
    )


class ConfirmForm(ActForm):
    confirmed = _confirmed()


# How the names of a row's fields end.
PLACES = ("", *(f"_{row}" for row in range(2, ROWS + 1)))


def names_of(place: str) -> tuple[str, str, str]:
    return f"kind{place}", f"severity{place}", f"findings{place}"


def _row(place: str) -> dict[str, Any]:
    kind, severity, body = names_of(place)
    return {
        kind: fields.String(
            load_default="", validate=validate.OneOf(["", *KINDS]),
            metadata={"label": _m("What is wrong"), "input": "select"},
        ),
        severity: fields.String(
            load_default="major", validate=validate.OneOf(list(SEVERITIES)),
            metadata={"label": _m("How bad"), "input": "select",
                      "choices": list(SEVERITIES.items())},
        ),
        body: TrimmedString(
            load_default="", validate=validate.Length(max=10_000),
            metadata={"label": _m("What has to change"), "input": "textarea", "rows": 2},
        ),
    }  # fmt: skip


class _Findings(ActForm):
    confirmed = _confirmed()


_FIELDS: dict[str, Any] = {name: field for place in PLACES for name, field in _row(place).items()}
FindingsForm: type[ActForm] = _Findings.from_dict(_FIELDS, name="FindingsForm")  # type: ignore[assignment]


def noted_of(data: Mapping[str, Any]) -> list[Noted]:
    """The rows in which something was chosen or written."""
    found = []
    for place in PLACES:
        kind, severity, body = (data[name] for name in names_of(place))
        if kind or body:
            found.append(Noted(kind, severity, body, place))
    return found
