"""A receiver that is busy says for how long; ours is the longest pause, and the shortest."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.webhooks.retrying import PAUSES, asked_pause, next_try
from tests.factories.webhooks import Receiver, make_webhook, status
from tests.webhooks.test_delivering import send, tell

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "said", "seconds"),
    [(429, "120", 120), (503, " 7 ", 7), (503, "0", 0), (500, "120", None), (200, "120", None),
     (None, "120", None), (503, "", None), (503, "soon", None), (503, "-5", None), (503, "1.5", None),
     (503, "9" * 40, None), (429, format_datetime(NOW + timedelta(minutes=9), usegmt=True), 540),
     (429, "Mon, 02 Nov 2026 08:00:00 GMT", 0), (429, "Mon, 02 Nov 2026 09:09:00 -0000", 540),
     (429, "Mon, 02 Nov 99999 09:00:00 GMT", None), (429, "32 Foo 2026", None)],
)  # fmt: skip
def test_what_is_asked_for(code: int | None, said: str, seconds: int | None) -> None:
    found = asked_pause(code, said, now=NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


@given(said=st.text(max_size=60), code=st.sampled_from([429, 503]))
def test_nonsense_is_no_pause(said: str, code: int) -> None:
    found = asked_pause(code, said, now=NOW)
    assert found is None or found >= timedelta()


@given(tries=st.integers(1, 12), asked=st.none() | st.timedeltas(timedelta(), timedelta(days=900)))
def test_a_pause_is_neither_shorter_than_ours_nor_longer_than_our_longest(
    tries: int, asked: timedelta | None
) -> None:
    at = next_try(tries=tries, now=NOW, asked=asked)
    if tries > len(PAUSES):
        assert at is None
        return
    assert at is not None
    assert PAUSES[tries - 1] <= at - NOW <= PAUSES[-1]
    assert asked is None or at - NOW >= min(asked, PAUSES[-1])


def test_a_busy_receiver_is_left_alone_for_so_long(stage: Any, world: Any) -> None:
    with Receiver(answer=status(503, b"", **{"Retry-After": "7200"})) as receiver:
        make_webhook(stage, world.a, url=receiver.url)
        tell(stage, world.a)
        send(stage, world.a)
    waits = stage.value(
        "SELECT extract(epoch FROM next_try_at - now()) FROM webhook_messages WHERE tenant_id = :t",
        t=world.a.id,
    )
    assert 7100 < waits <= 7200
