"""The words for clocks, their intervals and dates."""

from collections.abc import Mapping

from app.service_requests.pills import Pill, Say
from app.service_requests.sla.left import Left
from app.service_requests.sla.reading import Face
from app.web.formats import time_left
from app.web.i18n import text
from tenants.core.text import _m

CLOCK_NAMES: Mapping[str, str] = {
    "first_response": _m("First response"),
    "resolution": _m("Resolution"),
}
WHY: Mapping[str, str] = {
    "waiting_client": _m("waits for your company's answer"),
    "awaiting_approval": _m("waits for your company's decision"),
    "quote_needed": _m("the offer waits for your company's decision"),
    "waiting_third_party": _m("waits for somebody else, as the contract allows"),
}
WHY_TO_US: Mapping[str, str] = {
    "waiting_client": _m("the client has to answer"),
    "awaiting_approval": _m("the client decides"),
    "quote_needed": _m("the client decides on the offer"),
    "waiting_third_party": _m("somebody else has to act, as the contract allows"),
}
STEPS: Mapping[str, tuple[str, str]] = {
    "running": ("player-play", _m("The clock ran")),
    "paused": ("player-pause", _m("The clock stood still")),
    "voided": ("player-play", _m("A pause that counts as work")),
}


def why(reason: str, *, provider: bool) -> str:
    found = (WHY_TO_US if provider else WHY).get(reason)
    return text(found) if found else reason


def face_pill(face: Face, *, provider: bool) -> Pill:
    """What is left, in business time, or how it ended."""
    reading, left = face.reading, face.minutes_left
    if reading.state == "stopped":
        return _ended(face)
    if left is None:
        return Pill(text(_m("no target agreed")), "clock", "calm")
    if reading.state == "paused":
        spoken = text(_m("paused: %(reason)s"), {"reason": why(reading.reason, provider=provider)})
        return Pill(time_left(left), "player-pause", "wait", spoken)
    if reading.breached_at is not None:
        return Pill(time_left(min(left, 0)), "alert-triangle", "bad", text(_m("overdue")))
    wanted = face.minutes_wanted or 0
    tone = "warn" if left * 4 <= wanted else "calm"
    return Pill(time_left(left), "clock", tone, text(_m("left")))


# Of the working time left: from here on a row stands out.
SOON: Mapping[str, int] = {"first_response": 60, "resolution": 120}
NOTHING_LEFT = Pill("–", "", "calm")
LEFT: Mapping[str, tuple[str, str, str]] = {
    "first_response": (
        "message-2", _m("left for the first response"), _m("First response due %(when)s")
    ),
    "resolution": ("clock", _m("left"), _m("Due %(when)s")),
}  # fmt: skip
TOO_LATE: Mapping[str, str] = {
    "first_response": _m("overdue, the first response is missing"),
    "resolution": _m("overdue"),
}


def left_pill(left: Left | None, state: str, *, side: str, say: Say = text) -> Pill:
    """For a row of a list; `say` translates, whoever asks for many remembers what it said."""
    if left is None:
        return NOTHING_LEFT
    label = time_left(left.minutes)
    if left.state == "paused":
        reason = say((WHY_TO_US if side == "provider" else WHY)[state])
        return Pill(
            label, "player-pause", "wait", say(_m("paused: %(reason)s")) % {"reason": reason}
        )
    if left.state == "over":
        return Pill(label, "alert-triangle", "bad", say(TOO_LATE[left.clock]))
    icon, spoken, _ = LEFT[left.clock]
    tone = "warn" if left.minutes < SOON[left.clock] else "calm"
    return Pill(label, icon, tone, say(spoken))


def left_title(left: Left | None, spoken: str, when: str, say: Say = text) -> str:
    """What the mark says to who points at it: the date, or why the clock stands still."""
    if left is None:
        return ""
    return spoken if left.state == "paused" else say(LEFT[left.clock][2]) % {"when": when}


def _ended(face: Face) -> Pill:
    if face.reading.target is None:
        return Pill(text(_m("done")), "circle-check", "calm")
    if face.reading.breached_at is not None:
        return Pill(text(_m("Missed")), "alert-triangle", "bad")
    return Pill(text(_m("Met")), "circle-check", "good")
