"""What the JSON API says and hears about requests."""

from marshmallow import Schema, fields, validate

from app.catalogue.known import KnownItem
from app.catalogue.lines import LINES
from app.service_requests.links.models import KINDS
from app.service_requests.models import DEGREES, PRIORITIES, SCOPES, SIDES
from app.service_requests.transitions import STATES
from app.web.fields import TrimmedString
from tenants.core.schema import Moment, PageQuery, said

LISTED_STATES = ["open", "ended", *STATES]


class RequestQuery(PageQuery):
    state = fields.String(
        validate=validate.OneOf(LISTED_STATES),
        metadata=said(
            "One state, or `open`, or `ended` (closed, cancelled, rejected, merged or duplicate)."
        ),
    )
    line = fields.String(validate=validate.OneOf(list(LINES)))
    item = fields.String(validate=KnownItem())
    q = fields.String(
        validate=validate.Length(max=120), metadata=said("A word of the title, or a number.")
    )
    updated_since = Moment(metadata=said("Only requests whose state changed at or after this."))


class RequestOut(Schema):
    number = fields.Integer(required=True, metadata=said("The company's own number."))
    item = fields.String(required=True, validate=KnownItem())
    line = fields.String(required=True, validate=validate.OneOf(list(LINES)))
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    version = fields.Integer(
        required=True, metadata=said("Rises with every change; If-Match compares it.")
    )
    raised_by = fields.String(required=True, attribute="raised_by_name")
    raised_at = Moment(required=True)
    state_since = Moment(required=True)
    due_at = Moment(required=True)


class RequestDetail(RequestOut):
    form = fields.Dict(
        required=True, metadata=said("What was filled in; the catalogue has its schema.")
    )
    raised_side = fields.String(required=True, validate=validate.OneOf(SIDES))
    requester = fields.String(
        required=True,
        attribute="requester_name",
        metadata=said("The client's person for whom the provider raised it, or empty."),
    )
    planned_for = fields.Date(
        required=True, allow_none=True, metadata=said("The day on which planned work begins.")
    )
    waiting_for = fields.String(
        required=True, metadata=said("Whom else the work waits for, or empty.")
    )
    proposed_priority = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(PRIORITIES),
        metadata=said("What the client proposed and the provider has not decided on."),
    )
    reopened_count = fields.Integer(required=True)
    delivered_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True, metadata=said("When it ended, however."))
    approval = fields.String(
        required=True,
        validate=validate.OneOf(("none", "due", "given")),
        metadata=said("Whether a person of the client approves it, on the request's page."),
    )
    inputs_due_on = fields.Date(
        required=True,
        allow_none=True,
        metadata=said("The last day on which the client's inputs are in time, by the contract."),
    )
    scope = fields.String(
        required=True,
        validate=validate.OneOf(SCOPES),
        metadata=said(
            "Whether the contract covers it. `quota_used_up` and `out_of_scope` need an offer: "
            "nobody works on it before an approver accepts the price on the request's page; then "
            "it is `agreed`."
        ),
    )
    page = fields.String(required=True, metadata=said("The request's page for people."))


class NewRequest(Schema):
    item = fields.String(required=True, validate=KnownItem())
    form = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=said("As the catalogue's `form_schema` of this item asks."),
    )
    impact = fields.String(load_default="normal", validate=validate.OneOf(DEGREES))
    urgency = fields.String(
        load_default="normal",
        validate=validate.OneOf(DEGREES),
        metadata=said(
            "With `impact` a proposal of the priority; urgent needs the provider's word."
        ),
    )
    files = fields.Dict(
        keys=fields.String(),
        values=fields.UUID(),
        load_default=dict,
        metadata=said("Slot of the catalogue's item to the id of an upload."),
    )


class Objection(Schema):
    reason = TrimmedString(required=True, validate=validate.Length(max=10_000))


class LinkOut(Schema):
    number = fields.Integer(required=True, metadata=said("The other request."))
    kind = fields.String(
        required=True,
        validate=validate.OneOf(KINDS),
        metadata=said("Read from the request in the path when `onward`, else from the other."),
    )
    onward = fields.Boolean(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    at = Moment(required=True)


class HappenedOut(Schema):
    at = Moment(required=True)
    what = fields.String(
        required=True,
        metadata=said("A step of the request's life (`assign`), or what else (`document.given`)."),
    )
    by = fields.String(required=True, attribute="who")
    side = fields.String(required=True, validate=validate.OneOf(SIDES))
    text = fields.String(required=True, metadata=said("What the request's page says of it."))
    note = fields.String(required=True, metadata=said("A reason, or for whom; or empty."))


class MessageOut(Schema):
    id = fields.UUID(required=True)
    at = Moment(required=True)
    author = fields.String(required=True, attribute="author_name")
    side = fields.String(required=True, attribute="author_side", validate=validate.OneOf(SIDES))
    by_guest = fields.Boolean(required=True)
    body = fields.String(required=True)


class NoteOut(Schema):
    id = fields.UUID(required=True)
    at = Moment(required=True)
    author = fields.String(required=True, attribute="author_name")
    body = fields.String(required=True)


class NewMessage(Schema):
    body = TrimmedString(required=True, validate=validate.Length(max=10_000))
    files = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(max=20),
        metadata=said("Ids of uploads that go with it."),
    )


class QuestionOut(Schema):
    id = fields.UUID(required=True)
    asked_at = Moment(required=True)
    asked_by = fields.String(required=True, attribute="asked_by_name")
    body = fields.String(required=True)
    state = fields.Function(
        lambda row: "open" if row.is_open else "answered" if row.answered_at else "withdrawn",
        metadata=said("", type="string", enum=["open", "answered", "withdrawn"]),
    )
    answer = fields.String(required=True, metadata=said("Empty while it is open."))
    answered_at = Moment(required=True, allow_none=True)
    moved_to = fields.Integer(
        required=True, allow_none=True, metadata=said("The request in which it is asked instead.")
    )


class AskedDocumentOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    why = fields.String(required=True)
    format = fields.String(
        required=True,
        metadata=said("What it may be sent as.", enum=["any", "pdf", "table", "image"]),
    )
    due_on = fields.Date(required=True, allow_none=True)
    state = fields.String(
        required=True,
        metadata=said(
            "`open` until it is sent or said to be missing.",
            enum=["open", "given", "unavailable", "accepted", "withdrawn"],
        ),
    )
    asked_at = Moment(required=True)
    asked_by = fields.String(required=True, attribute="asked_by_name")
    file = fields.UUID(required=True, allow_none=True, attribute="file_id")
    words = fields.String(required=True, metadata=said("Why there is none."))
    returned = fields.String(
        required=True, attribute="returned_words", metadata=said("Why what came does not do.")
    )
    moved_to = fields.Integer(
        required=True,
        allow_none=True,
        metadata=said("The request in which it is asked for instead."),
    )


class NewDocument(Schema):
    file = fields.UUID(required=True, metadata=said("The id that `POST /uploads` answered."))


class NoDocument(Schema):
    words = TrimmedString(required=True, validate=validate.Length(min=1, max=10_000))


class NewAnswer(Schema):
    answer = TrimmedString(required=True, validate=validate.Length(max=10_000))


class Reason(Schema):
    reason = TrimmedString(required=True, validate=validate.Length(max=10_000))


class FileOut(Schema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True, metadata=said("Bytes."))
    content_type = fields.String(required=True)
    sha256 = fields.String(required=True)
    kind = fields.String(
        required=True,
        validate=validate.OneOf(("attached", "result")),
        metadata=said("`result`: what the provider delivered."),
    )
    slot = fields.String(required=True, metadata=said("Its place in the form, or empty."))
    added_by = fields.String(required=True)
    at = Moment(required=True)
    current = fields.Boolean(required=True, metadata=said("False for a result that was replaced."))


class UploadOut(Schema):
    id = fields.UUID(required=True, metadata=said("For `files` of a request or message."))
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class UploadQuery(Schema):
    name = fields.String(
        validate=validate.Length(min=1, max=150),
        metadata=said("The file's name, when the body is its bare bytes."),
    )


class SlotOut(Schema):
    name = fields.String(required=True)
    label = fields.String(required=True)
    help = fields.String(required=True)
    accept = fields.String(required=True, metadata=said("Endings of names; empty for any."))
    required = fields.Boolean(required=True)


class TargetOut(Schema):
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    first_response_minutes = fields.Integer(
        required=True, allow_none=True, metadata=said("Null where nothing is promised.")
    )
    resolution_minutes = fields.Integer(required=True, allow_none=True)


class ItemOut(Schema):
    code = fields.String(required=True, validate=KnownItem())
    line = fields.String(required=True, validate=validate.OneOf(list(LINES)))
    title = fields.String(required=True)
    summary = fields.String(required=True)
    needs_approval = fields.Boolean(required=True)
    targets = fields.List(
        fields.Nested(TargetOut),
        required=True,
        metadata=said("What the contract promises for it today, in minutes of the business hours."),
    )
    form_schema = fields.Dict(required=True, metadata=said("JSON Schema of the form."))
    files = fields.List(fields.Nested(SlotOut), required=True)
