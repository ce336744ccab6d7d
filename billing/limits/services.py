"""The limits of people and storage, kept where people are invited and files are sent."""

from datetime import UTC, datetime

from billing import queries
from billing.limits.queries import seats, storage
from billing.limits.rules import GB, Standing, fits
from billing.telling import tell
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id
from tenants.services.checks import one_at_a_time
from tenants.uploads import NoRoom

# So far from its limit nobody waits for anybody else's files.
WIDE = GB


class NoSeat(Conflict):
    code = "seats_used_up"
    message = _m(
        "All %(most)s seats of your plan are taken. Remove somebody who needs no access any more, "
        "choose a larger plan under Subscription, or ask us for more seats."
    )


def require_seat(*, now: datetime) -> None:
    """NoSeat when nobody else can be invited. Held until the transaction ends, so that of two
    invitations for the last seat one comes after the other."""
    one_at_a_time("members")
    found = seats(now=now)
    if not fits(found.used, 1, found.most):
        raise NoSeat(most=found.most)


def require_room(size: int, *, now: datetime) -> None:
    """NoRoom for files that the company's own people send beyond what it has."""
    found = storage(now=now)
    if found.most is None or fits(found.used, size + WIDE, found.most):
        return
    one_at_a_time("storage")
    found = storage(now=now)
    if found.most is not None and not fits(found.used, size, found.most):
        raise NoRoom(most=found.most // GB)


def tell_of_limits(*, now: datetime) -> None:
    """One mail for each limit, step and month."""
    account = queries.find_account()
    if account is None:
        return
    for found in (seats(now=now), storage(now=now)):
        if found.step:
            _tell(found, now=now)


def _tell(found: Standing, *, now: datetime) -> None:
    """Whoever gets to the last step at once hears of that one alone."""
    key = f"{found.feature}:{found.step}:{now.astimezone(UTC):%Y-%m}"
    actor = system_actor(scoped_tenant_id())
    tell(f"billing.{found.feature}_{found.step}", key=key, actor=actor)
