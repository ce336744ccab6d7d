"""The words of a report's documents, beside those of lines, clocks and states."""

from collections.abc import Callable

from tenants.core.text import _c, _m

Translate = Callable[[str], str]

LABELS = {
    "title": _m("Service report"),
    "client": _m("Client"),
    "period": _m("Period"),
    "contract": _m("Contract"),
    "version": _m("version %(number)s"),
    "usual_terms": _m("usual terms"),
    "signed": _m("Month signed off"),
    "as_of": _m("Figures as of"),
    "written": _m("Written by"),
    "checked": _m("Checked by"),
    "by_on": _m("%(name)s, %(when)s"),
    "page": _m("Page %(page)s of %(pages)s"),
    "draft": _m("Draft"),
    "summary": _m("In short"),
    "in_time": _m("Resolved in time"),
    "answered_in_time": _m("Answered in time"),
    "of_counted": _m("%(kept)s of %(count)s"),
    "delivered": _m("Delivered"),
    "raised_note": _m("%(count)s raised"),
    "open": _m("Open"),
    "open_note": _m("as of %(when)s"),
    "satisfaction": _m("Satisfaction"),
    "out_of_five": _m("%(average)s of 5"),
    "ratings_note": _m("ratings: %(count)s"),
    "no_ratings": _m("no rating"),
    "credit": _m("Credit"),
    "all_lines": _m("all service lines"),
    "levels": _m("Service levels by line"),
    "levels_note": _m(
        "Times are those of the contract's calendar, without pauses. “Half within” is the median, "
        "“nine of ten within” the 90th percentile."
    ),
    "no_levels": _m("Nothing ended in this month."),
    "line": _m("Service line"),
    "clock": _m("Clock"),
    "met": _m("Met"),
    "missed": _m("Missed"),
    "excluded": _m("Not counted"),
    "share": _m("In time"),
    "median": _m("Half within"),
    "p90": _m("Nine of ten within"),
    "why_excluded": _m("Why not counted"),
    "remarks": _m("Remarks by line"),
    "inputs": _m("Your inputs"),
    "due": _m("Due"),
    "inputs_in_time": _m("In time"),
    "late_by": _m("Late by, in all"),
    "volumes": _m("Volumes"),
    "item": _m("Catalogue item"),
    "raised": _m("Raised"),
    "quotas": _m("Quota used"),
    "quota": _m("Included in the month"),
    "used": _m("Used"),
    "left": _c("quota", "Left"),
    "time": _m("Time worked in the month"),
    "billed": _m("Billed"),
    "not_billed": _m("Not billed"),
    "total": _m("Total"),
    "usage": _m("Billed usage"),
    "usage_note": _m(
        "What was recorded in the ledger in this month. An invoice counts whole days of its own "
        "period; the ledger holds the same quantity for that period."
    ),
    "meter": _m("Meter"),
    "ledger": _m("Ledger, this month"),
    "invoice": _m("Invoice"),
    "invoiced": _m("Invoiced"),
    "ledger_period": _m("Ledger, same period"),
    "period_from_to": _m("%(start)s to %(end)s"),
    "no_usage": _m("Nothing was recorded."),
    "credits": _m("Credits"),
    "credits_note": _m(
        "Each missed clock adds the rate of its priority, up to the cap, of the line's monthly base. "
        "The credit comes on an invoice when the days to contest it are over."
    ),
    "no_credits": _m("Nothing was missed that gives a credit."),
    "base": _m("Monthly base"),
    "rates": _m("Sum of rates"),
    "cap": _m("Cap"),
    "contest_until": _m("May be contested until %(when)s."),
    "booked": _m("Corrections of earlier months, booked in this one"),
    "month": _m("Month"),
    "change": _m("Change"),
    "amount": _m("Amount in all"),
    "points": _m("Open points, oldest first"),
    "no_points": _m("Nothing is open."),
    "request": _m("Request"),
    "state": _m("State"),
    "raised_on": _m("Raised on"),
    "due_on": _m("Due on"),
    "more": _m("%(count)s more stand in the CSV file beside this report."),
    "ratings_title": _m("Satisfaction"),
    "score": _m("Rating"),
    "count": _m("Count"),
    "seal": _m("Seal"),
    "seal_note": _m(
        "The content of this report was frozen when a second person checked it. Its fingerprint "
        "(SHA-256) is below; that of this file stands beside its download and is checked there."
    ),
    "section": _m("Section"),
    "what": _m("What"),
    "figure": _m("Figure"),
    "value": _m("Value"),
    "unit": _m("Unit"),
    "requests": _m("Requests"),
    "unit_requests": _m("requests"),
    "unit_minutes": _m("minutes"),
    "unit_cents": _m("EUR"),
    "unit_ratings": _m("ratings"),
    "unit_clocks": _m("clocks"),
    "unit_inputs": _m("inputs"),
}  # fmt: skip


def labels(translate: Translate) -> dict[str, str]:
    return {name: translate(words) for name, words in LABELS.items()}
