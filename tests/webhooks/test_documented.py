"""What we tell others to check our messages with, run as it stands there."""

import re
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from app.webhooks import signing

ROOT = Path(__file__).parents[2]
PLACES = {
    "docs/webhooks.md": r"```python\n(.*?)```",
    "app/templates/api/docs.html": r"<code>(import base64.*?)</code>",
}


@pytest.fixture(params=PLACES)
def is_genuine(request: pytest.FixtureRequest) -> Callable[..., bool]:
    [code] = re.findall(PLACES[request.param], (ROOT / request.param).read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(unescape(code), names)
    found: Callable[..., bool] = names["is_genuine"]
    return found


def test_the_documented_check_takes_ours_alone(is_genuine: Callable[..., bool]) -> None:
    body, new, old = b'{"type":"webhook.test"}', signing.new_secret(), signing.new_secret()

    def sent(at: float = 0) -> dict[str, str]:
        return signing.headers(
            message_id="evt_1", timestamp=int(time.time() + at), body=body, keys=[new, old]
        )

    assert is_genuine(sent(), body, new)
    assert is_genuine(sent(), body, old)
    assert not is_genuine(sent(), body, signing.new_secret())
    assert not is_genuine(sent(), body + b" ", new)
    assert not is_genuine(sent(-301), body, new)
    assert not is_genuine({**sent(), "webhook-id": "evt_2"}, body, new)


def test_the_standards_own_example() -> None:
    """Secret, message and signature as in the libraries of Standard Webhooks."""
    made = signing.headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330,
        body=b'{"test": 2432232314}', keys=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )  # fmt: skip
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
