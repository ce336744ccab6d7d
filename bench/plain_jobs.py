"""The floor of jobs: RQ alone, first in, first out, with the same query in a scoped transaction.
Only its workers import this; `python -m bench.plain_jobs` is one."""

import os
import time
from functools import cache
from uuid import UUID

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, create_engine, text

from bench.measured.samples import QUERY
from tenants.scoping import BIND, Scope

QUEUE, LOG = "plain", "plain:begun"


def connect() -> Redis:
    return Redis.from_url(os.environ["REDIS_URL"])


@cache
def _redis() -> Redis:
    return connect()


@cache
def _engine() -> Engine:
    return create_engine(os.environ["DATABASE_URL"], pool_size=1)


def query(tenant: str, items: int) -> None:
    with _engine().begin() as connection:
        connection.exec_driver_sql(BIND, Scope(tenant_id=UUID(tenant), side="provider").settings())
        for _number in range(items):
            connection.execute(text(QUERY), {"t": tenant})


def wait(who: str, seconds: float) -> None:
    """Tells when it began, for whose waiting is measured."""
    _redis().hset(LOG, who, str(time.time()))
    time.sleep(seconds)


def queue() -> Queue:
    return Queue(QUEUE, connection=connect(), serializer=JSONSerializer)


if __name__ == "__main__":
    SimpleWorker([queue()], connection=connect(), serializer=JSONSerializer).work(
        logging_level="ERROR"
    )
