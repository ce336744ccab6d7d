"""What stands for codes: of what was not raised, of rhythms, of periods."""

from collections.abc import Mapping

from tenants.core.text import _m

REASONS: Mapping[str, str] = {
    "paused": _m("It was paused."),
    "too_late": _m("Its day had passed by more than a month when work went on. Raise it if it is "
                   "still needed."),
    "by_hand": _m("It was left out by hand."),
    "withdrawn": _m("The catalogue doesn't offer this item any more. Choose another one."),
    "out_of_scope": _m("The contract doesn't cover this item. Raise it by hand to make an offer, or "
                       "change the contract."),
    "form": _m("The item's form asks for something else by now. Look at the form and save it."),
    "duplicate": _m("There is a request for the same work and period already."),
    "refused": _m("It could not be raised. Try by hand to read why."),
}  # fmt: skip
OUTCOMES: Mapping[str, tuple[str, str, str]] = {
    "raised": (_m("Raised"), "circle-check", "good"),
    "backfilled": (_m("Raised by hand"), "circle-check", "good"),
    "skipped": (_m("Left out"), "ban", ""),
    "blocked": (_m("Needs you"), "alert-triangle", "bad"),
}
KINDS: Mapping[str, str] = {
    "week_day": _m("Every week, on a day"),
    "month_day": _m("On a day of the month, quarter or year"),
    "business_day": _m("On a business day of the month, quarter or year"),
    "deadline": _m("Before or on a statutory deadline"),
    "rrule": _m("By a calendar rule (RRULE)"),
}
UNITS: Mapping[str, str] = {
    "month": _m("Month"), "quarter": _m("Quarter"), "year": _m("Year"),
}  # fmt: skip
WEEKDAYS: Mapping[str, str] = {
    "1": _m("Monday"), "2": _m("Tuesday"), "3": _m("Wednesday"), "4": _m("Thursday"),
    "5": _m("Friday"), "6": _m("Saturday"), "7": _m("Sunday"),
}  # fmt: skip
ABOUT: Mapping[str, str] = {
    "0": _m("The period in which it is due"),
    "-1": _m("The period before"),
    "-2": _m("The second period before"),
    "1": _m("The period after"),
}
SHIFTS: Mapping[str, str] = {
    "before": _m("The business day before"),
    "after": _m("The business day after"),
    "none": _m("It stays on that day"),
    "skip": _m("It is left out"),
}
