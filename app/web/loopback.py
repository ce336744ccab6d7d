"""Demo mode answers this machine only: its passwords lie in a file."""

from ipaddress import ip_address

from flask import Request

from tenants.core.errors import Forbidden
from tenants.core.text import _m


def refuse_strangers(request: Request) -> None:
    """Whatever address the server was told to listen on, and whatever name it is called by."""
    try:
        near = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        # A Unix socket has no address; only this machine reaches it.
        near = not request.remote_addr
    if not near:
        raise Forbidden(
            _m("This is a demonstration. It answers on its own machine only."), code="demo_only"
        )
