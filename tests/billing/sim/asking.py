from __future__ import annotations

from typing import Any

import requests

from billing.gateway import StripeGateway
from tests.billing.conftest import KEY, Sim


def ask(sim: Sim, verb: str, path: str, **form: Any) -> requests.Response:
    return requests.request(verb, f"{sim.base}/v1/{path}", auth=(KEY, ""), data=form, timeout=10)


def advance_to(sim: Sim, moment: int) -> None:
    sim.control("advance", seconds=moment - sim.now)


def events_of(gateway: StripeGateway, ident: str) -> list[str]:
    """The kinds of what happened to an object, oldest first."""
    return [
        event["type"]
        for event in gateway.events_since(0)
        if event["data"]["object"].get("id") == ident
    ]
