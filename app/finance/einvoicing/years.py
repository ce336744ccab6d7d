"""The years that days of invoices lie in: what is due or covered afterwards still is a day."""

from datetime import date

from tenants.core.text import _m

YEARS = range(2000, 2100)
NOT_IN_THEM = _m("Choose a day between 2000 and 2099.")


def out_of_range(**days: date | None) -> dict[str, list[str]]:
    """What is wrong, by the name of its field."""
    return {name: [NOT_IN_THEM] for name, day in days.items() if day and day.year not in YEARS}
