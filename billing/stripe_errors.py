"""What can go wrong on the way to Stripe, and which keys may go where."""

from __future__ import annotations

from urllib.parse import urlsplit


class GatewayMisconfigured(ValueError):
    pass


class StripeUnavailable(Exception):
    """Nobody knows whether it happened: repeat with the same idempotency key."""


class StripeRefused(Exception):
    """Repeating changes nothing."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class WebhookRefused(Exception):
    pass


def is_loopback(base: str) -> bool:
    return urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1")


def livemode_of(secret_key: str) -> bool:
    if secret_key.startswith(("sk_test_", "rk_test_")):
        return False
    if secret_key.startswith(("sk_live_", "rk_live_")):
        return True
    raise GatewayMisconfigured("a Stripe secret key begins with sk_test_ or sk_live_")


def check_address(base: str, *, livemode: bool, stripe_base: str) -> None:
    if base == stripe_base:
        return
    if livemode:
        raise GatewayMisconfigured("a live key goes to Stripe's own address only")
    if not is_loopback(base):
        raise GatewayMisconfigured("a simulator listens on the loopback address only")
