from redis import Redis

from tenants import keys
from tenants.core.crypto import KeyRing
from tests.workers.house import connection
from tests.workers.process import MASTER_KEY
from workers import claims
from workers.dispatcher import Dispatcher
from workers.timing import Timing


def test_a_lost_hand_over_is_repeated_and_a_waiting_one_keeps_its_place(house, monkeypatch):
    monkeypatch.setattr(keys, "_ring", KeyRing.from_text(MASTER_KEY))
    tenant = house.tenant()
    for number in range(2):
        house.enqueue(tenant, "mark", tag=number)
    timing = Timing(hand_over_lease=0, poll=0)
    dispatcher = Dispatcher(
        database_url=house.urls.dispatcher, redis_url=house.redis_url, timing=timing, tasks=()
    )
    with connection(house.urls.dispatcher) as raw:
        dispatcher._work(raw)
        first = claims.unanswered(raw, everything=True)
        Redis.from_url(house.redis_url).lrem("rq:queue:default", 1, first[0].rq_id)
        dispatcher._sweep(raw)
        dispatcher._work(raw)
        then = {one.job_id: one.attempt for one in claims.unanswered(raw, everything=True)}

    assert then == {first[0].job_id: 2, first[1].job_id: 1}
    assert house.rows("SELECT DISTINCT failures FROM jobs") == [(0,)]
