"""The form of an item's document, as it stands in a file or in the database, and what it must
hold. Errors name the place: `fields.2.label.fr`."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.catalogue.lines import LINES
from app.catalogue.parts import FIELD_KINDS, STEP_KINDS
from app.catalogue.wording import LANGUAGES, main_language
from app.web.fields import TrimmedString
from app.web.icons import ICONS
from billing.models import METERS
from tenants.core.text import _m

REVIEWS = ("always", "sampled", "never")
# The highest number that makes sense of each.
CUT_OFF_MOST: Mapping[str, int] = {"month_day": 31, "business_day": 15, "after": 60}
# Names that the form of a request has besides the item's own.
TAKEN = ("client", "impact", "urgency", "requester")
CODE = r"^[a-z][a-z_]{0,39}$"
NAME = r"^[a-z][a-z0-9_]{0,39}$"
_NAME_RULE = validate.Regexp(
    NAME, error=_m("Use small letters, digits and underscores, a letter first; 40 at most.")
)
_ACCEPT = re.compile(r"(\.[a-z0-9]{1,8}(,\.[a-z0-9]{1,8})*)?")
Errors = dict[str, Any]


# The languages that every text of the document at hand has to be in.
_needed: ContextVar[Collection[str]] = ContextVar("needed", default=LANGUAGES)


class Worded(Schema):
    @validates_schema
    def in_the_languages_needed(self, data: Mapping[str, Any], **_: Any) -> None:
        missing = [code for code in LANGUAGES if code in _needed.get() and not data[code]]
        if missing:
            raise ValidationError(
                {code: [fields.Field().error_messages["required"]] for code in missing}
            )


def _words(most: int) -> dict[str, fields.Field[Any]]:
    return {
        code: TrimmedString(load_default="", validate=validate.Length(max=most))
        for code in LANGUAGES
    }  # fmt: skip


def texts(most: int, *, required: bool = True) -> fields.Nested:
    """A text in several languages."""
    more: dict[str, Any] = {} if required else {"load_default": None, "allow_none": True}
    return fields.Nested(Worded.from_dict(_words(most), name="Texts"), required=required, **more)


class ChoicePart(Worded.from_dict(_words(80), name="Label")):  # type: ignore[misc]
    value = fields.String(required=True, validate=_NAME_RULE)


class FieldPart(Schema):
    name = fields.String(required=True, validate=_NAME_RULE)
    kind = fields.String(required=True, validate=validate.OneOf(FIELD_KINDS))
    required = fields.Boolean(load_default=False)
    label = texts(80)
    help = texts(300, required=False)
    placeholder = texts(80, required=False)
    min = fields.Integer(load_default=None, allow_none=True)
    max = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1))
    currency = fields.String(load_default="EUR", validate=validate.Regexp(r"^[A-Z]{3}$"))
    choices = fields.List(fields.Nested(ChoicePart), load_default=list)

    @validates_schema
    def fits_its_kind(self, data: Mapping[str, Any], **_: Any) -> None:
        choices = [one["value"] for one in data["choices"]]
        if (data["kind"] == "choice") != bool(choices):
            raise ValidationError(_m("A choice has choices, and nothing else has."), "choices")
        if len(set(choices)) < len(choices):
            raise ValidationError(_m("Two choices have the same value."), "choices")
        if data["kind"] == "yes_no" and data["required"]:
            raise ValidationError(
                _m("A box to tick can't be required: make it a choice of yes and no."), "required"
            )


class FilePart(Schema):
    name = fields.String(required=True, validate=_NAME_RULE)
    required = fields.Boolean(load_default=False)
    accept = fields.String(load_default="", validate=validate.Regexp(
        _ACCEPT.pattern + r"\Z", error=_m("Write the endings like .pdf,.docx")))  # fmt: skip
    label = texts(80)
    help = texts(300, required=False)


class StepPart(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(STEP_KINDS))
    label = texts(160)
    needs = fields.String(load_default="", validate=validate.Length(max=40))
    mandatory = fields.Boolean(load_default=True)


class ResultPart(Schema):
    code = fields.String(required=True, validate=_NAME_RULE)
    label = texts(80)
    accept = fields.String(load_default="", validate=validate.Regexp(
        _ACCEPT.pattern + r"\Z", error=_m("Write the endings like .pdf,.docx")))  # fmt: skip
    required = fields.Boolean(load_default=False)


class CutOffPart(Schema):
    rule = fields.String(required=True, validate=validate.OneOf(list(CUT_OFF_MOST)))
    value = fields.Integer(required=True, validate=validate.Range(min=1, max=60))

    @validates_schema
    def within_reason(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["value"] > CUT_OFF_MOST[data["rule"]]:
            raise ValidationError(_m("There are not so many days."), "value")


def _parts(kind: type[Schema], least: int, most: int) -> fields.List[Any]:
    required: dict[str, Any] = {"required": True} if least else {"load_default": list}
    return fields.List(
        fields.Nested(kind), validate=validate.Length(min=least, max=most), **required
    )


class ItemDocument(Schema):
    """`version` is that of a shipped file. `job`, work of the product's own that begins with the
    request, is for those alone, too. What ships has every text in `every_language`; of the
    provider's own items one language is complete."""

    def __init__(self, *, every_language: bool = True, **given: Any) -> None:
        super().__init__(**given)
        self.every_language = every_language

    def load(self, data: Any, **given: Any) -> Any:
        whole = self.every_language or not isinstance(data, Mapping)
        token = _needed.set(LANGUAGES if whole else (main_language(data),))
        try:
            return super().load(data, **given)
        finally:
            _needed.reset(token)

    code = fields.String(required=True, validate=validate.Regexp(
        CODE, error=_m("Use small letters and underscores, a letter first; 40 at most.")))  # fmt: skip
    version = fields.Integer(load_default=1, validate=validate.Range(min=1, max=10_000))
    line = fields.String(required=True, validate=validate.OneOf(list(LINES), list(LINES.values())))
    icon = fields.String(required=True)
    working_days = fields.Integer(required=True, validate=validate.Range(min=1, max=60))
    gated = fields.Boolean(load_default=False)
    approvals = fields.Integer(load_default=1, validate=validate.Range(min=1, max=2))
    code_asked = fields.Boolean(load_default=False)
    review = fields.String(load_default="always", validate=validate.OneOf(REVIEWS))
    meters = fields.List(
        fields.String(validate=validate.OneOf(METERS)), load_default=lambda: ["operator_minutes"]
    )
    countries = fields.List(
        fields.String(validate=validate.Regexp(r"^[A-Z]{2}$")), load_default=list
    )
    job = fields.String(load_default=None, allow_none=True)
    cut_off = fields.Nested(CutOffPart, load_default=None, allow_none=True)
    title = texts(80)
    summary = texts(200)
    restricted = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[A-Z]{2}$")), values=texts(300),
        load_default=dict,
    )  # fmt: skip
    fields_ = _parts(FieldPart, 1, 30)
    files = _parts(FilePart, 0, 8)
    steps = _parts(StepPart, 1, 25)
    results = _parts(ResultPart, 1, 8)

    @validates_schema
    def holds_together(self, data: Mapping[str, Any], **_: Any) -> None:
        errors: Errors = {}
        for place, sentence in _contradictions(data):
            _put(errors, place, sentence)
        if errors:
            raise ValidationError(errors)


# `fields` is a name of marshmallow's own module here, and of the document's list.
ItemDocument._declared_fields["fields"] = ItemDocument._declared_fields.pop("fields_")


def _put(errors: Errors, place: Sequence[Any], sentence: str) -> None:
    for part in place[:-1]:
        errors = errors.setdefault(part, {})
    errors.setdefault(place[-1], []).append(sentence)


def _contradictions(data: Mapping[str, Any]) -> Iterator[tuple[Sequence[Any], str]]:
    if data["icon"] not in ICONS:
        yield ("icon",), _m("There is no such icon: take a name of app/web/icons.py.")
    if not data["gated"] and (data["approvals"] > 1 or data["code_asked"]):
        yield ("gated",), _m("Several approvals or a code need the client's approval.")
    yield from _names(data)
    yield from _subject(data["fields"])
    yield from _steps(data)
    yield from _results(data)


def _names(data: Mapping[str, Any]) -> Iterator[tuple[Sequence[Any], str]]:
    known = set(TAKEN)
    for part in ("fields", "files"):
        for place, one in enumerate(data[part]):
            if one["name"] in known:
                yield (part, place, "name"), _m("This name is taken already: choose another one.")
            known.add(one["name"])
    codes: set[str] = set()
    for place, one in enumerate(data["results"]):
        if one["code"] in codes:
            yield ("results", place, "code"), _m("This name is taken already: choose another one.")
        codes.add(one["code"])


def _subject(found: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Sequence[Any], str]]:
    """What a request is called by."""
    wanted = {"title": "text", "period": "month"}
    called = [one for one in found if one["name"] in wanted]
    if not any(one["required"] for one in called):
        yield (
            ("fields",),
            _m("One field is named title or period and required: the request is called by it."),
        )
    for place, one in enumerate(found):
        if one["kind"] != wanted.get(one["name"], one["kind"]):
            yield ("fields", place, "kind"), _m("A title is a text, a period is a month.")


# Whose service line computes figures without a job that begins with the request.
COMPUTED = frozenset({"issue_invoices"})


def _steps(data: Mapping[str, Any]) -> Iterator[tuple[Sequence[Any], str]]:
    days = {one["name"] for one in data["fields"] if one["kind"] == "date"}
    files = {one["name"] for one in data["files"]} | {one["code"] for one in data["results"]}
    for place, step in enumerate(data["steps"]):
        kind, needs = step["kind"], step["needs"]
        if kind == "wait_until" and needs not in days:
            yield ("steps", place, "needs"), _m("Name the date field of the form to wait for.")
        elif kind == "attach" and needs and needs not in files:
            yield ("steps", place, "needs"), _m("Name a result or a file of the form, or nothing.")
        elif kind in ("do", "ask_client", "approve") and needs:
            yield ("steps", place, "needs"), _m("This kind of step needs nothing.")
        if kind == "compute" and not data["job"] and data["code"] not in COMPUTED:
            yield ("steps", place, "kind"), _m("Nothing computes figures for this item.")
        if kind == "approve" and not data["gated"]:
            yield ("steps", place, "kind"), _m("The client approves gated items only.")


def _results(data: Mapping[str, Any]) -> Iterator[tuple[Sequence[Any], str]]:
    asked = {one["needs"] for one in data["steps"] if one["kind"] == "attach" and one["mandatory"]}
    alone = len(data["results"]) == 1 and "" in asked
    for place, one in enumerate(data["results"]):
        if one["required"] and one["code"] not in asked and not alone:
            yield (
                ("results", place, "code"),
                _m("A required result needs a mandatory step of kind attach that names it."),
            )
