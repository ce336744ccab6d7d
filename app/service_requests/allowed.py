"""Which acts a request's page offers; the services decide again."""

from collections.abc import Mapping

from app.service_requests.models import ServiceRequest
from app.service_requests.reviewing import review_asked
from app.service_requests.scope import NEEDS_OFFER
from app.service_requests.transitions import ENDED, TRANSITIONS
from tenants.permissions import Actor

# What the provider may do beside the moves of the table.
_MORE: Mapping[str, frozenset[str]] = {
    "new": frozenset({"start", "ask"}),
    "assigned": frozenset({"attach"}),
    "in_progress": frozenset({"attach"}),
    "waiting_client": frozenset({"ask"}),
    "awaiting_approval": frozenset({"ask_approval"}),
}
_KIND_IS_OPEN = (
    "new", "planned", "assigned", "in_progress", "waiting_client", "waiting_third_party",
    "on_hold_provider", "reopened",
)  # fmt: skip


def allowed(
    actor: Actor, request: ServiceRequest, *, reopenable: bool = True, checked: bool = False
) -> frozenset[str]:
    """`reopenable`: the days in which the client may object are not over. `checked`: findings are
    open, so that a correction goes to who confirms them."""
    verbs = {
        move.verb
        for move in TRANSITIONS
        if (move.source, move.who) == (request.state, actor.side)
        and actor.can(move.permission, request.line)
    }
    if actor.side == "client":
        return frozenset(verbs | _clients(actor, request, reopenable=reopenable)) - (
            set() if reopenable else {"reopen"}
        )
    found = frozenset((verbs | _providers(actor, request)) - _not_now(actor, request))
    return found - {"deliver"} if checked else found


def _clients(actor: Actor, request: ServiceRequest, *, reopenable: bool) -> set[str]:
    found = set()
    if actor.can("request.answer", request.line) and request.is_open:
        found.add("message")
        if request.state != "delivered":
            found.add("propose")
    ended = request.state == "closed" and not reopenable
    if ended and actor.can("request.raise", request.line):
        found.add("follow_up")
    return found


def _providers(actor: Actor, request: ServiceRequest) -> set[str]:
    found = {"note"} if actor.can("note.write", request.line) else set()
    if not actor.can("request.work", request.line):
        return found
    found.add("link")
    if not request.is_open:
        return found
    found |= {"message", "time", "assign", "assign_to", "split"} | _MORE.get(request.state, set())
    if request.assignee_id is not None:
        found.add("unassign")
    if request.state != "delivered":
        found.add("priority")
    if request.state == "planned":
        found.add("plan")
    if request.state in _KIND_IS_OPEN:
        found.add("kind")
    return found


# Nobody begins before a price is accepted.
_BEGINNINGS = ("assign", "assign_to", "plan", "start", "quote", "withdraw_quote")


def _not_now(actor: Actor, request: ServiceRequest) -> set[str]:
    found = set(_BEGINNINGS) if request.scope in NEEDS_OFFER else set()
    if request.state == "in_review" and actor.user_id == request.preparer_id:
        found |= {"return", "pass"}
    if request.assignee_id == actor.user_id:
        found.add("assign")
    if review_asked(request):
        found.add("deliver")
    if request.state in ENDED:
        found.add("unassign")
    return found
