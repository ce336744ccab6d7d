"""The forms of letterhead and templates."""

from marshmallow import Schema, fields, validate

from app.documents.templating.fields import KINDS
from app.documents.templating.markup import LONGEST_TEXT
from app.web.fields import TrimmedString
from tenants.core.text import _c, _m

FONTS = {"inter": "Inter", "noto_sans": "Noto Sans"}
LANGUAGES = {"fr": _m("French"), "de": _m("German"), "en": _m("English")}


class _ForClient(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    version = fields.Integer(load_default=0, metadata={"input": "hidden"})


class LetterheadForm(_ForClient):
    logo = fields.Raw(
        load_default=None,
        metadata={
            "label": _m("Logo"), "input": "file", "accept": ".png,.jpg,.jpeg,.svg",
            "help": _m("PNG, JPEG or SVG, at most 2 MB. It is printed at most 62 mm wide and 18 mm high."),
        },
    )  # fmt: skip
    drop_logo = fields.Boolean(
        load_default=False, metadata={"label": _m("Print no logo any more"), "input": "checkbox"}
    )
    colour = TrimmedString(
        required=True,
        validate=validate.Regexp("#[0-9a-f]{6}$", error=_m("Write the colour like #1a5fb4.")),
        metadata={"label": _m("Colour"), "input": "color"},
    )
    font = fields.String(
        required=True,
        validate=validate.OneOf(list(FONTS)),
        metadata={"label": _m("Font"), "choices": list(FONTS.items())},
    )
    sender = TrimmedString(
        load_default="",
        validate=validate.Length(max=900),
        metadata={
            "label": _m("Sender"), "input": "textarea", "rows": 4,
            "help": _m("Address, telephone, mail: one a line. The company's name stands above it."),
        },
    )  # fmt: skip
    footer = TrimmedString(
        load_default="",
        validate=validate.Length(max=900),
        metadata={
            "label": _m("Foot of the page"), "input": "textarea", "rows": 4,
            "help": _m("Legal form, capital, register, VAT number, bank: what the law and habit want."),
        },
    )  # fmt: skip
    named = fields.Boolean(
        load_default=False,
        metadata={
            "label": _m("The public verify page may name the company"), "input": "checkbox",
        },
    )  # fmt: skip


class WordingForm(_ForClient):
    """What a template says; a letter has the same three parts."""

    subject = TrimmedString(
        load_default="", validate=validate.Length(max=300), metadata={"label": _m("Subject")}
    )
    body = TrimmedString(
        load_default="",
        validate=validate.Length(max=LONGEST_TEXT),
        metadata={
            "label": _m("Text"), "input": "textarea", "rows": 14,
            "help": _m("An empty line begins a paragraph, “- ” a point of a list, “# ” a heading; **so** is bold."),
        },
    )  # fmt: skip
    closing = TrimmedString(
        load_default="",
        validate=validate.Length(max=2000),
        metadata={
            "label": _c("letter", "Closing"), "input": "textarea", "rows": 3,
            "help": _m("It stays on one page, for the signature."),
        },
    )  # fmt: skip


class TemplateForm(WordingForm):
    name = TrimmedString(
        required=True, validate=validate.Length(max=80), metadata={"label": _m("Name")}
    )

    class Meta:
        fields = ("client", "version", "name", "subject", "body", "closing")


class NewTemplateForm(TemplateForm):
    kind = fields.String(
        required=True, validate=validate.OneOf(list(KINDS)), metadata={"input": "hidden"}
    )
    language = fields.String(
        required=True, validate=validate.OneOf(list(LANGUAGES)), metadata={"input": "hidden"}
    )

    class Meta:
        fields = ("client", "version", "kind", "language", "name", "subject", "body", "closing")
