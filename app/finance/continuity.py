"""How a statement stands to the one before it of the same account: a finding, never a refusal."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.finance.read_results import StatementHead
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

FOLLOWS = "follows"
# Findings that ask for nothing.
GOOD = ("first", FOLLOWS)


@dataclass(frozen=True, slots=True)
class Earlier:
    """`request` is None for a statement of the same file."""

    statement: str
    request: int | None
    starts_on: date | None
    ends_on: date | None
    closing: int | None


def judge(head: StatementHead, earlier: Earlier | None) -> Reason:
    if earlier is None:
        return Reason(
            "first",
            _m("The first statement of this account: there is none before it to compare with."),
        )
    known = _named(earlier)
    opening = head.opening.amount if head.opening else None
    starts, ends = head.starts_on, earlier.ends_on
    overlaps = bool(starts and ends and starts < ends)
    if opening is None or earlier.closing is None:
        return _overlap(earlier) if overlaps else _unknown(earlier)
    if opening == earlier.closing and not overlaps:
        message = (
            _m("Follows statement %(statement)s of the same file.")
            if earlier.request is None
            else _m("Follows statement %(statement)s of request #%(request)s.")
        )
        return Reason(FOLLOWS, message, known)
    if overlaps:
        return _overlap(earlier)
    if starts and ends and (starts - ends).days > 1:
        return _gap(earlier, starts, ends)
    params = {**known, "amount": opening - earlier.closing, "currency": head.currency}
    message = (
        _m(
            "The opening balance differs by %(amount)s from the closing balance of statement "
            "%(statement)s of the same file."
        )
        if earlier.request is None
        else _m(
            "The opening balance differs by %(amount)s from the closing balance of statement "
            "%(statement)s of request #%(request)s."
        )
    )
    return Reason("opening_differs", message, params)


def _named(earlier: Earlier) -> dict[str, str | int]:
    return {"statement": earlier.statement or "–", "request": earlier.request or 0}


def _gap(earlier: Earlier, starts: date, ends: date) -> Reason:
    day = timedelta(days=1)
    params = {
        **_named(earlier),
        "from_day": (ends + day).isoformat(),
        "to_day": (starts - day).isoformat(),
    }
    message = (
        _m("A gap: the statements from %(from_day)s to %(to_day)s are missing in this file.")
        if earlier.request is None
        else _m(
            "A gap: the statements from %(from_day)s to %(to_day)s are missing. The last one "
            "before is in request #%(request)s."
        )
    )
    return Reason("gap", message, params)


def _overlap(earlier: Earlier) -> Reason:
    params = {**_named(earlier), "to_day": earlier.ends_on.isoformat() if earlier.ends_on else ""}
    message = (
        _m("Overlaps with statement %(statement)s of the same file, which goes to %(to_day)s.")
        if earlier.request is None
        else _m(
            "Overlaps with statement %(statement)s of request #%(request)s, which goes to "
            "%(to_day)s."
        )
    )
    return Reason("overlaps", message, params)


def _unknown(earlier: Earlier) -> Reason:
    message = (
        _m(
            "Comes after statement %(statement)s of the same file; without balances it can't be told whether anything is missing between them."
        )
        if earlier.request is None
        else _m(
            "Comes after statement %(statement)s of request #%(request)s; without balances it can't be told whether anything is missing between them."
        )
    )
    return Reason("after", message, _named(earlier))
