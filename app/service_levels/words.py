"""What the parts of a month are called."""

from collections.abc import Mapping

from tenants.core.text import _m

CLOCK_NAMES: Mapping[str, str] = {
    "first_response": _m("First response"),
    "resolution": _m("Resolution"),
}
OUTCOME_LOOKS: Mapping[str, tuple[str, str, str]] = {
    "met": (_m("Met"), "check", "good"),
    "breached": (_m("Missed"), "alert-triangle", "bad"),
    "excluded": (_m("Not counted"), "circle-dashed", ""),
}
REASON_NAMES: Mapping[str, str] = {
    "cancelled_by_client": _m("cancelled by the client"),
    "cancelled_by_provider": _m("cancelled by us"),
    "rejected": _m("rejected"),
    "merged": _m("merged"),
    "duplicate": _m("duplicate"),
    "out_of_scope": _m("out of scope, before the price was accepted"),
    "no_target": _m("nothing promised"),
    "counted_before": _m("counted as missed in an earlier month"),
    "ended": _m("ended without an answer"),
    "spam": _m("spam"),
    "force_majeure": _m("force majeure"),
    "contested": _m("counted as missed after a contest"),
    "corrected": _m("counted as missed: a pause was not justified"),
}
CREDIT_STATES: Mapping[str, tuple[str, str, str]] = {
    "forming": (_m("So far"), "progress-check", "info"),
    "computed": (_m("May be contested"), "clock", "info"),
    "contested": (_m("Contested"), "gavel", "warn"),
    "confirmed": (_m("Confirmed"), "circle-check", "good"),
}
