"""The queues in the order in which workers look at them, and the hand-over to RQ."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from workers import envelope

# The only function that our workers accept from Redis.
EXECUTE = "workers.execution.execute"
# Gone from Redis after a flush: the dispatcher then looks for lost hand-overs at once.
MARK = "coulisse:jobs:mark"
# Seconds that a message is kept; one that expires in its queue counts as lost.
KEPT = 24 * 3600


@dataclass(frozen=True, slots=True)
class Rules:
    """`in_flight` jobs of one tenant at a time; `seconds` for one job, or one chunk of it."""

    in_flight: int
    seconds: float


RULES = {
    "interactive": Rules(in_flight=4, seconds=60),
    "billing": Rules(in_flight=2, seconds=120),
    "default": Rules(in_flight=4, seconds=300),
    "batch": Rules(in_flight=3, seconds=1800),
}


@dataclass(frozen=True, slots=True)
class HandOver:
    tenant_id: UUID
    job_id: UUID
    queue: str
    attempt: int
    heavy: bool = False

    @property
    def rq_id(self) -> str:
        return f"{self.job_id}-{self.attempt}"


def connect(url: str, *, timeout: float = 10) -> Redis:
    """Errors come at once: the dispatcher and the workers wait and repeat by themselves."""
    return Redis.from_url(
        url, socket_connect_timeout=2, socket_timeout=timeout, retry=Retry(NoBackoff(), 0)
    )


def lists(name: str) -> tuple[str, str]:
    """A queue's two lists in Redis: heavy jobs lie apart, for processes that end now and then."""
    return name, f"{name}.heavy"


def queue_of(name: str, redis: Redis) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)


def push(redis: Redis, given: Sequence[HandOver]) -> None:
    """All or nothing, in the order given."""
    by_queue: dict[str, list[HandOver]] = defaultdict(list)
    for one in given:
        by_queue[lists(one.queue)[one.heavy]].append(one)
    pipeline = redis.pipeline()
    for name, ones in by_queue.items():
        queue_of(name, redis).enqueue_many([_data(one) for one in ones], pipeline=pipeline)
        for one in ones:
            # of a worker that died before it could forget it
            pipeline.expire(Job.key_for(one.rq_id), KEPT)
    pipeline.execute()


def _data(one: HandOver) -> EnqueueData:
    return Queue.prepare_data(
        EXECUTE,
        args=envelope.seal(one.tenant_id, one.job_id, one.attempt),
        job_id=one.rq_id,
        description=one.rq_id,
        # our own limits end a job; RQ must not do so first
        timeout=-1,
    )


def waiting(redis: Redis, names: Iterable[str]) -> set[str]:
    """The RQ ids that still lie in these queues."""
    return {
        rq_id for name in names for one in lists(name) for rq_id in queue_of(one, redis).job_ids
    }
