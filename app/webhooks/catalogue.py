"""What a company's receivers can be told of. Facts and ids go out, never what people wrote."""

from collections.abc import Collection, Mapping
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
    "sales_invoice.validated": _m("A sales invoice was validated"),
    "sales_invoice.sent": _m("A sales invoice was sent"),
    "sales_invoice.not_delivered": _m("The mail with a sales invoice could not be delivered"),
    "sales_invoice.paid": _m("A sales invoice was paid, in part or in full"),
    "sales_invoice.credited": _m("A sales invoice was credited or replaced"),
    "sales_invoice.disputed": _m("A customer disputes a sales invoice, or no longer"),
    "document.issued": _m("A document was filed"),
    "document.superseded": _m("A document has a new version"),
    "party.created": _m("A customer or supplier was added"),
    "party.changed": _m("A customer or supplier was changed"),
    "party.merged": _m("Two entries of the directory became one"),
    "party.removed": _m("A customer or supplier was taken out"),
    "month.ready": _m("The service levels of a month are signed off"),
}
LABELS: Mapping[str, str] = {**KINDS, TEST: _m("Test")}


@dataclass(frozen=True, slots=True)
class Event:
    """`key` names the fact: the same kind with the same key is one event, whoever tells it again.
    Without a `line` it concerns the whole company, unless it concerns whoever has any of `lines`."""

    kind: str
    key: str
    data: Mapping[str, Any]
    line: str | None = None
    lines: tuple[str, ...] = ()

    def line_for(self, listening: Collection[str]) -> str | None:
        """The one that a receiver of these lines hears it under."""
        return self.line or next((one for one in self.lines if one in listening), None)

    def concerns(self, listening: Collection[str]) -> bool:
        line = self.line_for(listening)
        return not (self.line or self.lines) if line is None else line in listening
