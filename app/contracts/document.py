"""A version of a contract as it is stored: one JSON document, read strictly, made into terms."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from app.calendars.business_time import BusinessCalendar
from app.calendars.holidays import USUAL_WEEK, closed_days, regions
from app.contracts import cut_offs
from app.contracts.cut_offs import CutOff
from app.contracts.offered import PRIORITIES
from app.contracts.periods import PeriodsError, read_periods, write_periods
from app.contracts.terms import (
    DETAIL,
    QUOTA,
    SCOPES,
    SHOWN,
    STEPS,
    ContractTerms,
    CreditRules,
    ItemTerm,
    Target,
    TimeRules,
)
from tenants.core.text import _m
from tenants.models import SERVICE_LINES

LONGEST_TARGET = 260 * 24 * 60
MOST = 1_000_000
MOST_MONEY = 10**12
YEARS_BEFORE, YEARS_AFTER = 3, 3


class Hours(fields.Field[str]):
    """Opening hours in their one spelling."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        try:
            return write_periods(read_periods(str(value or "")))
        except PeriodsError as error:
            raise ValidationError(str(error)) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


def _day(value: str) -> None:
    try:
        sound = date.fromisoformat(value).isoformat() == value
    except ValueError:
        sound = False
    if not sound:
        raise ValidationError(_m("This is not a date."))


def _days() -> fields.List[str]:
    return fields.List(fields.String(validate=_day), load_default=list)


def _per_line(most: int) -> fields.Dict:
    amount = fields.Integer(strict=True, validate=validate.Range(min=0, max=most))
    return fields.Dict(
        keys=fields.String(validate=validate.OneOf(SERVICE_LINES)), values=amount,
        load_default=dict,
    )  # fmt: skip


class CalendarDocument(Schema):
    country = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{2}\Z"))
    region = fields.String(load_default="")
    zone = fields.String(required=True)
    week = fields.List(Hours(), required=True, validate=validate.Length(equal=7))
    half_days = fields.Dict(keys=fields.String(validate=_day), values=Hours(), load_default=dict)
    provider_closures = _days()
    client_closures = _days()

    @validates("zone")
    def known_zone(self, value: str, **_: Any) -> None:
        if value not in available_timezones():
            raise ValidationError(_m("Choose one of the list."))

    @validates("week")
    def open_some_day(self, value: list[str], **_: Any) -> None:
        if not any(value):
            raise ValidationError(_m("Give the hours of at least one day."))

    @validates_schema(skip_on_field_errors=True)
    def known_region(self, data: dict[str, Any], **_: Any) -> None:
        if data["region"] and data["region"] not in regions(data["country"]):
            raise ValidationError(
                _m(
                    "There is no such department or Land. Write it like 67 or BY, or leave it empty."
                ),
                "region",
            )


class CutOffDocument(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(list(cut_offs.MOST)))
    number = fields.Integer(strict=True, required=True, validate=validate.Range(min=1))

    @validates_schema(skip_on_field_errors=True)
    def number_fits(self, data: dict[str, Any], **_: Any) -> None:
        if data["number"] > cut_offs.MOST[data["kind"]]:
            raise ValidationError(_m("This number is too high."), "number")


class ItemDocument(Schema):
    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    quota = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=0, max=MOST)
    )
    cut_off = fields.Nested(CutOffDocument, load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def quota_fits(self, data: dict[str, Any], **_: Any) -> None:
        if (data["scope"] == QUOTA) != (data["quota"] is not None):
            raise ValidationError(_m("Give a number for each item with a quota."), "quota")


class TargetDocument(Schema):
    line = fields.String(required=True, validate=validate.OneOf(SERVICE_LINES))
    item = fields.String(load_default=None, allow_none=True)
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    first_response = fields.Integer(
        strict=True, required=True, allow_none=True,
        validate=validate.Range(min=1, max=LONGEST_TARGET),
    )  # fmt: skip
    resolution = fields.Integer(
        strict=True, required=True, allow_none=True,
        validate=validate.Range(min=1, max=LONGEST_TARGET),
    )  # fmt: skip


class CreditsDocument(Schema):
    cap = fields.Integer(strict=True, load_default=0, validate=validate.Range(min=0, max=10_000))
    rates = fields.Dict(
        keys=fields.String(validate=validate.OneOf(PRIORITIES)),
        values=fields.Integer(strict=True, validate=validate.Range(min=0, max=10_000)),
        load_default=dict,
    )
    bases = _per_line(MOST_MONEY)


class TimeDocument(Schema):
    step = fields.Integer(strict=True, load_default=1, validate=validate.OneOf(STEPS))
    shown = fields.String(load_default=DETAIL, validate=validate.OneOf(SHOWN))
    names = fields.Boolean(load_default=True)


class ContractDocument(Schema):
    calendar = fields.Nested(CalendarDocument, required=True)
    items = fields.Dict(keys=fields.String(), values=fields.Nested(ItemDocument), load_default=dict)
    targets = fields.List(fields.Nested(TargetDocument), load_default=list)
    limits = _per_line(MOST_MONEY)
    credits = fields.Nested(CreditsDocument, load_default=lambda: CreditsDocument().load({}))
    third_party_pauses = fields.Boolean(load_default=False)
    reminder_days = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=1, max=60)),
        load_default=lambda: [1, 3, 5], validate=validate.Length(min=1, max=10),
    )  # fmt: skip
    approval_days = fields.Integer(
        strict=True, load_default=10, validate=validate.Range(min=1, max=260)
    )
    urgent_per_month = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=0, max=MOST)
    )

    time = fields.Nested(TimeDocument, load_default=lambda: TimeDocument().load({}))

    @validates("reminder_days")
    def ascending(self, value: list[int], **_: Any) -> None:
        if value != sorted(set(value)):
            raise ValidationError(_m("Write the days in ascending order, like 1, 3, 5."))

    @validates("targets")
    def each_once(self, value: list[dict[str, Any]], **_: Any) -> None:
        keys = [(one["line"], one["item"], one["priority"]) for one in value]
        if len(set(keys)) != len(keys):
            raise ValidationError(_m("There are two targets for the same work and priority."))


def checked(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document in its one spelling, or a ValidationError."""
    return dict(ContractDocument().load(raw))


def first_document(country: str, zone: str) -> dict[str, Any]:
    """What holds without a contract, as the draft of a first version begins."""
    week = [write_periods(day) for day in USUAL_WEEK]
    return checked({"calendar": {"country": country, "zone": zone, "week": week}})


def terms_of(document: Mapping[str, Any], *, number: int | None, year: int) -> ContractTerms:
    """`year` is the one that the calendar is asked about; its neighbours are covered too."""
    credits = document["credits"]
    return ContractTerms(
        calendar=calendar_of(document["calendar"], year),
        number=number,
        targets={
            (one["line"], one["item"], one["priority"]):
                Target(one["first_response"], one["resolution"])
            for one in document["targets"]
        },
        items={code: ItemTerm(one["scope"], one["quota"], _cut_off(one))
               for code, one in document["items"].items()},
        credit_bases=credits["bases"],
        credit_rules=CreditRules(credits["cap"], credits["rates"]),
        approval_limits=document["limits"],
        approval_days=document["approval_days"],
        urgent_per_month=document["urgent_per_month"],
        pauses_for_third_party=document["third_party_pauses"],
        reminder_days=tuple(document["reminder_days"]),
        time=TimeRules(**document.get("time", {})),
    )  # fmt: skip


def _cut_off(item: Mapping[str, Any]) -> CutOff | None:
    said = item.get("cut_off")
    return CutOff(said["kind"], said["number"]) if said else None


def calendar_of(document: Mapping[str, Any], year: int) -> BusinessCalendar:
    closures = {*document["provider_closures"], *document["client_closures"]}
    holidays = _holidays(document["country"], document["region"], year)
    return BusinessCalendar(
        zone=document["zone"],
        week=tuple(read_periods(day) for day in document["week"]),
        closed=holidays | {date.fromisoformat(day) for day in closures},
        half_days={date.fromisoformat(day): read_periods(hours)
                   for day, hours in document["half_days"].items()},
    )  # fmt: skip


@lru_cache(maxsize=512)
def _holidays(country: str, region: str, year: int) -> frozenset[date]:
    return closed_days(country, region, year - YEARS_BEFORE, year + YEARS_AFTER)
