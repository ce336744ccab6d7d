"""A body has a limit, whether its length is told before or not."""

import json
from io import BytesIO
from typing import Any

import pytest

from app.web.api.reading import LARGEST_JSON

JSON = {"content_type": "application/json"}


def note_of(size: int) -> bytes:
    frame = {"item": "finance_question", "form": {"title": "A letter", "details": ""}}
    room = size - len(json.dumps(frame))
    return json.dumps({**frame, "form": {"title": "A letter", "details": "x" * room}}).encode()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused(world: Any, api_as: Any, chunked: bool) -> None:
    program = api_as(world.a.user)

    def send(body: bytes) -> Any:
        if not chunked:
            return program.post("/api/v1/requests", data=body, **JSON)
        return program.post(
            "/api/v1/requests", input_stream=BytesIO(body), **JSON,
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )  # fmt: skip

    largest, beyond = send(note_of(LARGEST_JSON)), send(note_of(LARGEST_JSON + 1))
    # Read and found too long by the form's own rule.
    assert (largest.status_code, list(largest.json["errors"])) == (422, ["form.details"])
    assert (beyond.status_code, beyond.json["code"]) == (413, "too_large")
    assert "2 MB" in beyond.json["detail"]
