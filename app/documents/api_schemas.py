"""What the API takes and answers about documents."""

from marshmallow import Schema, fields, validate

from app.catalogue.lines import LINES
from app.documents.kinds import KINDS
from app.documents.models import ORIGINS, OUTCOMES
from tenants.core.schema import Moment, PageQuery, WholeNumber, said
from tenants.models import LANGUAGES

_KIND = validate.OneOf(list(KINDS))
# As many digits as a whole number of an address has.
_NUMBER = validate.Range(min=1, max=999_999_999)


class DocumentQuery(PageQuery):
    q = fields.String(
        validate=validate.Length(max=120),
        metadata=said("Words of the title or of the file's name, or a number."),
    )
    kind = fields.String(validate=_KIND)
    line = fields.String(validate=validate.OneOf(list(LINES)))
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    since = fields.Date(metadata=said("Dated on this day or later."))
    until = fields.Date(metadata=said("Dated on this day or earlier."))
    request = WholeNumber(validate=_NUMBER, metadata=said("The request that they belong to."))


class NewDocumentQuery(Schema):
    name = fields.String(
        validate=validate.Length(min=1, max=150),
        metadata=said("The file's name, when the body is its bare bytes."),
    )
    kind = fields.String(required=True, validate=_KIND)
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    title = fields.String(
        load_default="", validate=validate.Length(max=200),
        metadata=said("Left empty: the name of the file."),
    )  # fmt: skip
    dated = fields.Date(load_default=None, metadata=said("Left empty: today."))
    request = WholeNumber(load_default=None, validate=_NUMBER)
    twice = fields.Boolean(
        load_default=False,
        metadata=said("File it although these very bytes are here already (409 otherwise)."),
    )


class NewVersionQuery(Schema):
    name = fields.String(validate=validate.Length(min=1, max=150))
    reason = fields.String(
        load_default="", validate=validate.Length(max=200),
        metadata=said("What is different; stands beside the version. Never empty."),
    )  # fmt: skip


class VersionOut(Schema):
    number = fields.Integer(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    media_type = fields.String(required=True)
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    origin = fields.String(required=True, validate=validate.OneOf(ORIGINS))
    reason = fields.String(required=True)
    issued_at = fields.DateTime(required=True)
    issued_by = fields.String(required=True)
    check = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(OUTCOMES),
        metadata=said("What the last check of it found; null when there was none."),
    )  # fmt: skip


class DocumentOut(Schema):
    number = fields.Integer(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True, validate=_KIND)
    line = fields.String(required=True, validate=validate.OneOf(list(LINES)))
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    dated = fields.Date(required=True)
    filed_at = fields.DateTime(required=True)
    keep_until = fields.Date(
        required=True, allow_none=True,
        metadata=said("The last day on which it has to be kept; null where no period is known."),
    )  # fmt: skip
    legal_hold = fields.Boolean(required=True)
    version = fields.Integer(required=True, metadata=said("The number of the one that holds."))
    sha256 = fields.String(required=True, metadata=said("Of the version that holds."))
    size = fields.Integer(required=True)
    check = fields.String(required=True, allow_none=True, validate=validate.OneOf(OUTCOMES))


class DocumentDetail(DocumentOut):
    versions = fields.List(fields.Nested(VersionOut), required=True, metadata=said("Latest first."))


class SlipFindingOut(Schema):
    rule = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(("fatal", "warning", "info")))
    text = fields.String(required=True, metadata=said("The rule set's own words."))
    place = fields.String(required=True)
    term = fields.String(required=True, metadata=said("Of EN 16931, like `BT-31`."))
    line = fields.Integer(required=True, allow_none=True)


class SlipRunOut(Schema):
    pack = fields.String(required=True)
    version = fields.String(required=True)
    sha256 = fields.String(required=True, metadata=said("Of the rules."))
    outcome = fields.String(required=True, validate=validate.OneOf(("passed", "failed", "not_run")))
    reason = fields.String(required=True, metadata=said("Why it didn't run; else empty."))
    findings = fields.List(fields.Nested(SlipFindingOut), required=True)


class SlipOut(Schema):
    sha256 = fields.String(required=True, metadata=said("Of the file."))
    xml_sha256 = fields.String(required=True, metadata=said("Of the XML inside it; else empty."))
    at = Moment(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    runs = fields.List(fields.Nested(SlipRunOut), required=True)
    not_checked = fields.List(
        fields.String(), required=True, metadata=said("What no rule set looked at.")
    )
