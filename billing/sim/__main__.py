from __future__ import annotations

import argparse
import logging
import os
import signal
from pathlib import Path

from waitress.server import create_server  # type: ignore[import-untyped]

from billing.sim.courier import Courier
from billing.sim.http import Simulator
from billing.sim.state import Store

HOST = "127.0.0.1"


def _options() -> argparse.Namespace:
    env = os.environ.get
    parser = argparse.ArgumentParser("python -m billing.sim", description="A Stripe to develop on.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--key", default=env("STRIPE_SECRET_KEY"))
    parser.add_argument("--webhook-url", default=env("STRIPE_WEBHOOK_URL"))
    parser.add_argument("--webhook-secret", default=env("STRIPE_WEBHOOK_SECRET"))
    options = parser.parse_args()
    if not (options.key or "").startswith("sk_test_"):
        parser.error("--key (or STRIPE_SECRET_KEY) must begin with sk_test_")
    return options


def main() -> None:
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    store = Store(options.state, base_url=f"http://{HOST}:{options.port}")
    secret = (options.webhook_secret or "").split(",")[0].strip() or None
    courier = Courier(store, options.webhook_url, secret)
    server = create_server(Simulator(store, options.key), host=HOST, port=options.port, threads=8)

    def leave(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    courier.start()
    logging.getLogger(__name__).info("Stripe simulator on %s", store.base_url)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        courier.stop()
        with store.lock:
            store.save()


if __name__ == "__main__":
    main()
