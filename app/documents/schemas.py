"""What the forms of documents take."""

from marshmallow import Schema, fields, validate

from app.documents.kinds import KINDS
from app.documents.retention import CLASSES
from app.web.fields import TrimmedString
from tenants.core.text import _m
from tenants.models import LANGUAGES

LANGUAGE_NAMES = {"fr": "Français", "de": "Deutsch", "en": "English"}
ACCEPT = "image/*"


class ClientForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})


class UploadForm(ClientForm):
    request = fields.String(load_default="", metadata={"input": "hidden"})
    files = fields.List(fields.Raw(), load_default=list,
                        metadata={"label": _m("Files"), "input": "file"})  # fmt: skip
    kind = fields.String(
        required=True, validate=validate.OneOf(list(KINDS)),
        metadata={"label": _m("Kind"), "input": "select",
                  "help": _m("It says who sees the document, where it is filed and how long it is kept.")},
    )  # fmt: skip
    title = TrimmedString(
        load_default="", validate=validate.Length(max=200),
        metadata={"label": _m("Title"), "help": _m("Left empty, each has the name of its file.")},
    )  # fmt: skip
    dated = fields.Date(
        load_default=None, allow_none=True,
        metadata={"label": _m("Date of the document"), "help": _m("Left empty: today.")},
    )  # fmt: skip
    language = fields.String(
        required=True, validate=validate.OneOf(LANGUAGES, list(LANGUAGE_NAMES.values())),
        metadata={"label": _m("Language")},
    )  # fmt: skip
    folder = fields.UUID(
        load_default=None, allow_none=True,
        metadata={"label": _m("Folder"), "input": "select",
                  "placeholder": _m("By its kind")},
    )  # fmt: skip


class AgainForm(ClientForm):
    """A file that is here already: `way` is 'version' or 'document'."""

    number = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))
    version = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))
    way = fields.String(required=True, validate=validate.OneOf(("version", "document")))
    kind = fields.String(load_default="")
    title = TrimmedString(load_default="")
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))
    dated = fields.Date(load_default=None, allow_none=True)
    folder = fields.UUID(load_default=None, allow_none=True)
    request = fields.String(load_default="")


class VersionForm(ClientForm):
    file = fields.Raw(required=False, load_default=None,
                      metadata={"label": _m("File"), "input": "file"})  # fmt: skip
    reason = TrimmedString(
        required=True, validate=validate.Length(max=200),
        metadata={"label": _m("What is different"), "help": _m("Stands beside the version.")},
    )  # fmt: skip


class ChangeForm(ClientForm):
    title = TrimmedString(required=True, validate=validate.Length(max=200),
                          metadata={"label": _m("Title")})  # fmt: skip
    folder = fields.UUID(required=True, metadata={"label": _m("Folder"), "input": "select"})


class HoldForm(ClientForm):
    reason = TrimmedString(
        required=True, validate=validate.Length(max=200),
        metadata={"label": _m("Reason"),
                  "help": _m("A dispute or an audit, for example. Whoever sees the document reads it.")},
    )  # fmt: skip


class LiftForm(ClientForm):
    reason = TrimmedString(required=True, validate=validate.Length(max=200),
                           metadata={"label": _m("Why it ends")})  # fmt: skip


class FolderForm(ClientForm):
    name = TrimmedString(required=True, validate=validate.Length(max=80),
                         metadata={"label": _m("Name of the folder")})  # fmt: skip
    parent = fields.UUID(
        load_default=None, allow_none=True,
        metadata={"label": _m("Within"), "input": "select", "placeholder": _m("At the top")},
    )  # fmt: skip


class RenameForm(ClientForm):
    name = TrimmedString(required=True, validate=validate.Length(max=80),
                         metadata={"label": _m("Name of the folder")})  # fmt: skip


class KeepForm(ClientForm):
    reason = TrimmedString(required=True, validate=validate.Length(max=200),
                           metadata={"label": _m("Why it stays")})  # fmt: skip


class RetainForm(ClientForm):
    name = fields.String(
        required=True, validate=validate.OneOf(list(CLASSES)),
        metadata={"label": _m("Documents"), "input": "select"},
    )  # fmt: skip
    years = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, 100),
        metadata={"label": _m("Years"), "min": 1, "max": 100,
                  "help": _m("Empty: what the law asks for is enough again.")},
    )  # fmt: skip
    since = fields.Date(required=True, metadata={"label": _m("From this day on")})
    reason = TrimmedString(
        required=True, validate=validate.Length(max=500),
        metadata={"label": _m("Reason"),
                  "help": _m("A contract, an insurer or a decision of the management, for example.")},
    )  # fmt: skip
