"""Requests by endpoint and status, and the database pool, for `tenants.core.metrics`."""

import time

from flask import Flask, Response, g, request
from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.pool import QueuePool

from tenants.core.db import db
from tenants.core.metrics import REGISTRY

REQUESTS = Counter(
    "coulisse_http_requests", "Answered requests", ["endpoint", "method", "status"],
    registry=REGISTRY,
)  # fmt: skip
SECONDS = Histogram(
    "coulisse_http_request_seconds", "Time until the answer is ready", ["endpoint"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10), registry=REGISTRY,
)  # fmt: skip
IN_FLIGHT = Gauge("coulisse_http_requests_in_flight", "Requests being answered", registry=REGISTRY)
POOL_SIZE = Gauge("coulisse_db_pool_size", "Connections that the pool may hold", registry=REGISTRY)
POOL_USED = Gauge("coulisse_db_pool_used", "Connections in use", registry=REGISTRY)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def init_metrics(app: Flask) -> None:
    """Before everything else that looks at a request."""
    app.before_request(_begin)
    app.after_request(_count)
    app.teardown_request(_end)
    with app.app_context():
        pool = db.engine.pool
    if isinstance(pool, QueuePool):
        POOL_SIZE.set(pool.size())
        POOL_USED.set_function(pool.checkedout)


def _begin() -> None:
    g.began = time.perf_counter()
    IN_FLIGHT.inc()


def _count(response: Response) -> Response:
    # Addresses that lead nowhere share one name; so do methods that nobody knows.
    endpoint = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(endpoint, method, response.status_code).inc()
    if "began" in g:
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.began)
    return response


def _end(_error: BaseException | None) -> None:
    if "began" in g:
        IN_FLIGHT.dec()
