"""What a company's receivers can be told of. Facts and ids go out, never what people wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenants.core.text import _m

TEST = "webhook.test"
KINDS: Mapping[str, str] = {
    "request.raised": _m("A request was raised"),
    "request.state_changed": _m("A request changed its state"),
    "request.question_asked": _m("A question waits for your answer"),
    "request.documents_asked": _m("Documents are asked for"),
    "request.approval_asked": _m("A result waits for your approval"),
    "request.approved": _m("A result was approved"),
    "request.refused": _m("A result was refused"),
    "request.delivered": _m("A result was delivered"),
    "month.ready": _m("The service levels of a month are signed off"),
}
LABELS: Mapping[str, str] = {**KINDS, TEST: _m("Test")}


@dataclass(frozen=True, slots=True)
class Event:
    """`key` names the fact: the same kind with the same key is one event, whoever tells it again.
    Without a `line` it concerns the whole company."""

    kind: str
    key: str
    data: Mapping[str, Any]
    line: str | None = None
