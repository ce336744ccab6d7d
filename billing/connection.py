"""The one gateway of this process, given at start."""

from billing.gateway import StripeGateway

_gateway: StripeGateway | None = None


def use(gateway: StripeGateway) -> None:
    global _gateway
    _gateway = gateway


def gateway() -> StripeGateway:
    if _gateway is None:
        raise RuntimeError("the process started without billing.connection.use()")
    return _gateway
