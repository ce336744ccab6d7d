"""What the audit trail's names mean in a request's history, and to which side."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class Told:
    """`words` may hold what `facts.Said` fills in. `inside`: the client doesn't read it."""

    icon: str
    words: str
    inside: bool = False


R = "service_requests"
WORDS: Mapping[str, Told] = {
    f"{R}.document.asked": Told("checklist", _m("asked for %(count)s documents")),
    f"{R}.document.asked.one": Told("checklist", _m("asked for a document")),
    f"{R}.document.given": Told("file-check", _m("sent the document “%(what)s”")),
    f"{R}.document.unavailable": Told("file-x", _m("said that there is no “%(what)s”")),
    f"{R}.document.accepted": Told("circle-check", _m("accepted the document “%(what)s”")),
    f"{R}.document.returned": Told("repeat", _m("asked for the document “%(what)s” again")),
    f"{R}.document.withdrawn": Told("arrow-back-up", _m("needs the document “%(what)s” no longer")),
    f"{R}.asked.moved": Told("arrows-split", _m("asks what was open here in #%(number)s instead")),
    f"{R}.client.reminded": Told("bell", _m("sent reminder %(step)s of what is asked")),
    f"{R}.watcher.added": Told("user-plus", _m("made %(what)s a follower")),
    f"{R}.watcher.added.own": Told("eye", _m("follows the request")),
    f"{R}.watcher.added.along": Told("user-plus", _m("took %(what)s along from #%(merged)s as a follower")),
    f"{R}.watcher.removed": Told("user-minus", _m("removed the follower %(what)s")),
    f"{R}.watcher.removed.own": Told("eye-off", _m("stopped following")),
    f"{R}.request.linked": Told("link", _m("linked it with #%(number)s")),
    f"{R}.request.linked.hidden": Told("link", _m("linked it with another request")),
    f"{R}.request.unlinked": Told("unlink", _m("removed the link with #%(number)s")),
    f"{R}.request.unlinked.hidden": Told("unlink", _m("removed the link with another request")),
    f"{R}.offer.accepted": Told("signature", _m("accepted the price; a second person has to")),
    f"{R}.request.rated": Told("star", _m("rated it %(score)s of 5")),
    f"{R}.file.added": Told("paperclip", _m("added a file")),
    f"{R}.pause.contested": Told("message-2", _m("contested a pause of the clock")),
    f"{R}.pause.decided.upheld": Told("gavel", _m("upheld the objection: the pause counts as work")),
    f"{R}.pause.decided.declined": Told("gavel", _m("declined the objection: the pause stands")),
    f"{R}.exclusion.proposed": Told("ban", _m("proposed to leave it out of the figures")),
    f"{R}.exclusion.confirmed": Told("shield-check", _m("confirmed that it is left out of the figures")),
    f"{R}.request.snoozed": Told("alarm", _m("snoozed it"), inside=True),
    f"{R}.request.woken": Told("alarm", _m("ended the snooze"), inside=True),
    f"{R}.request.given.named": Told(
        "user-check", _m("gave it to %(what)s: the rule names them"), inside=True
    ),
    f"{R}.request.given.deputy": Told(
        "user-check", _m("gave it to %(what)s, the deputy: %(other)s can't take it"), inside=True
    ),
    f"{R}.request.given.deputy.away": Told(
        "user-check", _m("gave it to %(what)s, the deputy: %(other)s is away"), inside=True
    ),
    f"{R}.request.given.load": Told(
        "user-check", _m("gave it to %(what)s, who has the fewest open requests"), inside=True
    ),
    f"{R}.request.given.handover": Told(
        "user-check", _m("gave it to %(what)s, who takes over while %(other)s is away"), inside=True
    ),
    f"{R}.request.given.away": Told(
        "user-check", _m("gave it to %(what)s: %(other)s, who usually does it, is away"), inside=True
    ),
    f"{R}.request.given.no_grant": Told(
        "user-check", _m("gave it to %(what)s: %(other)s, who usually did it, has no access any more"),
        inside=True,
    ),
    f"{R}.handover.accepted": Told(
        "user-check", _m("takes it over while %(other)s is away"), inside=True
    ),
    f"{R}.handover.accepted.for": Told(
        "user-check", _m("said that %(what)s takes it over while %(other)s is away"), inside=True
    ),
    f"{R}.handover.declined": Told(
        "user-off", _m("declined to take it over while %(other)s is away"), inside=True
    ),
    f"{R}.request.left.raised": Told(
        "user-question", _m("found nobody to give it to: everybody is away, or lacks the grant or the skill"),
        inside=True,
    ),
    f"{R}.request.left.recurring": Told(
        "user-question", _m("left it in the queue: %(other)s, who usually does it, can't take it"),
        inside=True,
    ),
    f"{R}.request.left.grant": Told(
        "user-question", _m("put it back in the queue: the access of its operator ended"), inside=True
    ),
    f"{R}.request.left.absence": Told(
        "user-off", _m("found nobody to stand in: %(what)s is away beyond the day it is due"), inside=True
    ),
    f"{R}.message.taken_back": Told(
        "arrow-back-up", _m("took a message back before it left"), inside=True
    ),
    "documents.deliverable.attached": Told("package", _m("attached “%(what)s”"), inside=True),
    "documents.deliverable.withdrawn": Told(
        "package", _m("took back the result “%(what)s”"), inside=True
    ),
    "timesheets.entry.corrected": Told(
        "clock", _m("corrected a time entry: %(before)s min before, %(after)s min now"), inside=True
    ),
    "timesheets.entry.deleted": Told(
        "clock", _m("deleted a time entry of %(before)s min"), inside=True
    ),
}  # fmt: skip


def _heard(*, inside: bool) -> tuple[str, ...]:
    """Names have three parts; a fourth says which of several things one means."""
    return tuple(
        {".".join(name.split(".")[:3]) for name, told in WORDS.items() if inside or not told.inside}
    )


NAMES: Mapping[str, tuple[str, ...]] = {
    "client": _heard(inside=False),
    "provider": _heard(inside=True),
}
