"""Why a mail waits, for operators and for the company's administrator, and what it then needs."""

from collections.abc import Mapping

from tenants.core.text import _m

REASONS: Mapping[str, str] = {
    "automatic": _m("An automatic answer or a mailing list: no person wrote it."),
    "bounce": _m("A notice of a mail server that a mail could not be delivered."),
    "loop": _m("A mail of our own that came back."),
    "blocked": _m("This sender is blocked."),
    "too_many": _m("More than 30 mails of this sender within an hour."),
    "no_sender": _m("It names no sender, or several."),
    "empty": _m("It has neither words nor files."),
    "forged": _m("The sender's own domain says that this mail is not theirs."),
    "unknown_sender": _m("Nobody of this company has the sender's address."),
    "not_proven": _m("Nothing proves that it comes from the person it names."),
    "no_line": _m("This person does not take part in the service line that it is for."),
    "no_item": _m("This service line has no general request that a mail could become."),
    "bad_token": _m("The address that it answers was never given out, or its person has left."),
    "other_sender": _m("It answers with an address that was given to somebody else."),
    "request_ended": _m("The request that it answers has ended."),
    "answer_over": _m("The request that it answers ended more than 14 days ago."),
    "unreadable": _m("It is built so that it can't be read."),
    "no_room": _m(
        "The company's storage is full, so its files could not be taken. The whole mail is "
        "kept here: accept it, or wait until there is room."
    ),
    "not_possible": _m("It could not become part of a request."),
}
PROOFS: Mapping[str, str] = {
    "reply_token": _m("Answered at the address that only this person got."),
    "signature": _m("Signed by the sender's own domain (DKIM)."),
}
STATES: Mapping[str, tuple[str, str, str]] = {
    "received": (_m("Being read"), "clock", ""),
    "landed": (_m("On its request"), "circle-check", "good"),
    "waiting": (_m("In quarantine"), "alert-triangle", "warn"),
    "accepted": (_m("Accepted"), "user-check", "good"),
    "discarded": (_m("Discarded"), "ban", ""),
}
