"""What comes out of Redis is only believed where the database agrees."""

import base64
from typing import Any
from uuid import UUID

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from tenants import keys
from tenants.core.crypto import KeyRing
from tenants.core.ids import uuid7
from tests.workers.house import House, connection
from tests.workers.process import MASTER_KEY
from workers import claims, envelope
from workers.execution import Runner
from workers.queues import EXECUTE, HandOver
from workers.timing import Timing


@pytest.fixture
def runner(house: House) -> Runner:
    return Runner(house.app, timing=Timing(backoff=60), jobs_package="tests.workers.jobs")


def hand_over(house: House, tenant) -> HandOver:
    house.enqueue(tenant, "mark", tag="done")
    with connection(house.urls.dispatcher) as raw:
        [given] = [one for one in claims.claim(raw, Timing()) if one.tenant_id == tenant]
    return given


def test_a_whole_envelope_runs_once(house, runner):
    tenant = house.tenant()
    given = hand_over(house, tenant)
    for _ in range(2):
        runner.execute(str(tenant), str(given.job_id), given.attempt)

    assert house.effects(tenant) == ["done"]


class Ear:
    """What the log and the figures hear of refusals."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.counted: list[str] = []
        self._caplog = caplog

    def alerts(self) -> list[str]:
        return [
            record.__dict__["fields"]["why"]
            for record in self._caplog.records
            if record.levelname == "ERROR" and getattr(record, "fields", {}).get("alert")
        ]


@pytest.fixture
def ear(runner: Runner, caplog: pytest.LogCaptureFixture) -> Ear:
    found = Ear(caplog)
    runner._tell_refused = found.counted.append
    return found


@pytest.fixture(autouse=True)
def master_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_ring", None)
    keys.use(MASTER_KEY)


def whole(given: HandOver) -> list[Any]:
    return list(envelope.seal(given.tenant_id, given.job_id, given.attempt))


def resigned(given: HandOver, key: bytes) -> list[Any]:
    message = f"{given.tenant_id}|{given.job_id}|{given.attempt}"
    return [*whole(given)[:3], KeyRing([key]).mac(message, envelope.PURPOSE)]


OTHER = str(UUID(int=7))
TAMPERED = {
    "without tenant": ("malformed", lambda parts, _: [None, *parts[1:]]),
    "an empty tenant": ("malformed", lambda parts, _: ["", *parts[1:]]),
    "no tenant's name": ("malformed", lambda parts, _: ["everyone", *parts[1:]]),
    "a number as tenant": ("malformed", lambda parts, _: [7, *parts[1:]]),
    "without attempt": ("malformed", lambda parts, _: [*parts[:2], None, parts[3]]),
    "attempt zero": ("malformed", lambda parts, _: [*parts[:2], 0, parts[3]]),
    "a word as attempt": ("malformed", lambda parts, _: [*parts[:2], "1", parts[3]]),
    "yes as attempt": ("malformed", lambda parts, _: [*parts[:2], True, parts[3]]),
    "nothing": ("malformed", lambda parts, _: []),
    "cut": ("unsigned", lambda parts, _: parts[:3]),
    "longer": ("unsigned", lambda parts, _: [*parts, "more"]),
    "no signature": ("unsigned", lambda parts, _: [*parts[:3], ""]),
    "a number as signature": ("unsigned", lambda parts, _: [*parts[:3], 1]),
    "another tenant": ("forged", lambda parts, _: [OTHER, *parts[1:]]),
    "another job": ("forged", lambda parts, _: [parts[0], OTHER, *parts[2:]]),
    "another attempt": ("forged", lambda parts, _: [*parts[:2], parts[2] + 1, parts[3]]),
    "half a signature": ("forged", lambda parts, _: [*parts[:3], parts[3][:-2]]),
    "not ASCII": ("forged", lambda parts, _: [*parts[:3], "é"]),
    "signed with another key": ("forged", lambda _, given: resigned(given, b"x" * 32)),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_envelope_is_refused_logged_and_counted(house, runner, ear, name):
    why, tamper = TAMPERED[name]
    tenant = house.tenant()
    given = hand_over(house, tenant)
    before = house.job(given.job_id)
    runner.receive(*tamper(whole(given), given))

    assert house.job(given.job_id) == before
    assert (ear.counted, ear.alerts()) == ([why], [why])
    runner.receive(*whole(given))
    assert house.effects(tenant) == ["done"]
    assert ear.counted == [why]


def test_what_was_signed_before_the_keys_changed_still_counts(house, runner, ear):
    tenant = house.tenant()
    parts = whole(hand_over(house, tenant))
    newer = base64.b64encode(b"n" * 32).decode()
    keys.use(f"{newer},{MASTER_KEY}")
    runner.receive(*parts)

    assert house.effects(tenant) == ["done"]
    assert ear.counted == []


def test_a_repeated_envelope_changes_nothing(house, runner, ear):
    tenant = house.tenant()
    parts = whole(hand_over(house, tenant))
    runner.receive(*parts)
    runner.receive(*parts)

    assert house.effects(tenant) == ["done"]
    assert ear.counted == []


def test_a_foreign_tenant_in_the_envelope_touches_nothing(house, runner):
    ours, theirs = house.tenant(), house.tenant()
    given = hand_over(house, ours)
    before = house.job(given.job_id)
    for stranger in (theirs, uuid7()):
        runner.execute(str(stranger), str(given.job_id), given.attempt)

    assert house.job(given.job_id) == before
    assert house.effects(ours) == house.effects(theirs) == []


def test_an_earlier_attempt_is_superseded(house, runner):
    tenant = house.tenant()
    given = hand_over(house, tenant)
    house.rows("UPDATE jobs SET attempt = attempt + 1 WHERE id = %(id)s", id=given.job_id)
    runner.execute(str(tenant), str(given.job_id), given.attempt)

    assert house.effects(tenant) == []
    runner.execute(str(tenant), str(given.job_id), given.attempt + 1)
    assert house.effects(tenant) == ["done"]


def test_workers_run_nothing_but_our_function(running, tmp_path):
    """Nor does an envelope of somebody else's get them off their feet."""
    redis = Redis.from_url(running.redis_url)
    queue = Queue("default", connection=redis, serializer=JSONSerializer)
    queue.enqueue("os.mkdir", str(tmp_path / "made"))
    queue.enqueue(EXECUTE, None, "x", 1)
    queue.enqueue(EXECUTE, OTHER, OTHER, 1, "signature")
    tenant = running.tenant()
    running.wait_for(running.enqueue(tenant, "mark", tag="after"))

    assert not (tmp_path / "made").exists()
