"""What a process tells Prometheus: counts and times, never a tenant's name or id. It stands on a
port of its own, since the product's own addresses belong to the tenants."""

import logging
import os

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)

log = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


def asked_port() -> int | None:
    value = os.environ.get("COULISSE_METRICS_PORT", "")
    return int(value) if value.isdecimal() else None


def serve() -> None:
    """Where `COULISSE_METRICS_PORT` says, on loopback unless `COULISSE_METRICS_HOST` names another
    address; without a port nothing. A port in use costs the figures, not the process."""
    port = asked_port()
    if port is None:
        return
    host = os.environ.get("COULISSE_METRICS_HOST") or "127.0.0.1"
    try:
        start_http_server(port, addr=host, registry=REGISTRY)
    except OSError as error:
        log.error("no metrics on %s:%d: %s", host, port, error)
