"""Who may look at the directory and write in it: whoever works with customers and suppliers."""

from tenants.core.errors import Forbidden, NotFound
from tenants.permissions import Actor

READ, WRITE, RELEASE = "directory.read", "directory.write", "directory.release"
LINES = ("finance", "sales", "administration", "logistics", "legal")


def may(actor: Actor, permission: str) -> bool:
    return any(actor.can(permission, line) for line in LINES)


def require(actor: Actor, permission: str) -> None:
    if not may(actor, permission):
        raise Forbidden


def require_reader(actor: Actor) -> None:
    """To people of other lines there is no directory."""
    if not may(actor, READ):
        raise NotFound
