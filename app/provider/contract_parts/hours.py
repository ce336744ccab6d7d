"""Business hours, holidays, half days and closures."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.calendars.holidays import regions
from app.contracts.document import Hours
from app.contracts.periods import PeriodsError, read_periods, write_periods
from app.contracts.words import WEEKDAYS
from app.provider.contract_parts.part import SEEN, Document, Part
from app.provider.countries import ZONES
from app.web.fields import TrimmedString
from app.web.person_fields import TIME_ZONES
from tenants.core.text import _m

_WRONG_DAY = _m("Write one day on each line, as year-month-day like 2026-12-24.")
_WRONG_HALF = _m("Write one day and its hours on each line, like 2026-12-24 09:00-12:00.")


class Days(fields.Field[list[str]]):
    """One date on each line; blanks and commas separate them too."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[str]:
        return sorted({_day(part, _WRONG_DAY) for part in re.split(r"[\s,;]+", str(value)) if part})


class HalfDays(fields.Field[dict[str, str]]):
    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, str]:
        found = {}
        for line in filter(str.strip, str(value).splitlines()):
            day, _, hours = line.strip().partition(" ")
            try:
                found[_day(day, _WRONG_HALF)] = write_periods(read_periods(hours))
            except PeriodsError as error:
                raise ValidationError(_WRONG_HALF) from error
        return dict(sorted(found.items()))


def _day(written: str, wrong: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise ValidationError(wrong) from error


def _known_region(value: str) -> None:
    if value and value not in {code for country in ("FR", "DE") for code in regions(country)}:
        raise ValidationError(
            _m("There is no such department or Land. Write it like 67 or BY, or leave it empty.")
        )


def _lines(label: str, kind: type[fields.Field[Any]], **more: Any) -> fields.Field[Any]:
    return kind(load_default="", metadata={"label": label, "input": "textarea", "rows": 3, **more})


@cache
def _form() -> type[Schema]:
    week = {
        f"day_{number}": Hours(load_default="", metadata={"label": day, "input": "text"})
        for number, day in enumerate(WEEKDAYS)
    }
    rest: dict[str, fields.Field[Any]] = {
        "zone": fields.String(
            required=True, validate=validate.OneOf(list(TIME_ZONES)),
            metadata={"label": _m("Time zone"), "choices": list(TIME_ZONES.items())},
        ),
        "country": fields.String(
            required=True, validate=validate.OneOf(list(ZONES)),
            metadata={"label": _m("Public holidays of"), "choices": [(c, c) for c in ZONES]},
        ),
        "region": TrimmedString(
            load_default="", validate=_known_region,
            metadata={"label": _m("Department or Land"),
                      "help": _m("Like 67 or BY. Empty: the whole country's days.")},
        ),
        "half_days": _lines(_m("Half days"), HalfDays, placeholder="2026-12-24 09:00-12:00"),
        "provider_closures": _lines(_m("We are closed on"), Days, placeholder="2026-12-28"),
        "client_closures": _lines(_m("The client is closed on"), Days, placeholder="2026-08-14"),
    }  # fmt: skip
    return Schema.from_dict({**SEEN, **week, **rest}, name="ContractHours")


def _show(document: Document) -> dict[str, Any]:
    said = document["calendar"]
    return {
        **{f"day_{number}": hours for number, hours in enumerate(said["week"])},
        **{name: said[name] for name in ("zone", "country", "region")},
        "half_days": "\n".join(f"{day} {hours}" for day, hours in said["half_days"].items()),
        "provider_closures": "\n".join(said["provider_closures"]),
        "client_closures": "\n".join(said["client_closures"]),
    }


def _read(data: Mapping[str, Any], _before: Document) -> dict[str, Any]:
    names = ("zone", "country", "region", "half_days", "provider_closures", "client_closures")
    calendar = {name: data[name] or ([] if name.endswith("closures") else data[name])
                for name in names}  # fmt: skip
    calendar["half_days"] = data["half_days"] or {}
    return {"calendar": calendar | {"week": [data[f"day_{number}"] for number in range(7)]}}


HOURS = Part(
    "hours", _m("Business hours"), "calendar-time",
    _m("Times count only while it is open: the first answer and the result are due in these hours. "
       "Write a day like 09:00-12:30, 13:30-17:30; empty is closed."),
    _form, _show, _read,
)  # fmt: skip
