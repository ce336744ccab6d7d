"""Stripe's own library, as we use it."""

from billing.synchronous import without

# Its client for asynchronous calls costs each process 10 MB.
with without("aiohttp"):
    import stripe

# Otherwise it writes a file under ~/.config and sends its id along.
stripe.enable_telemetry = False


def __getattr__(name: str) -> object:
    return getattr(stripe, name)
