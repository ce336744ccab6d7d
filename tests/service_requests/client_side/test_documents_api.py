"""A program reads the list of documents and answers it."""

from __future__ import annotations

import pytest

from tests.factories.lifecycle import make_request, row_state
from tests.factories.tokens import make_token
from tests.service_requests.browsing import send


@pytest.fixture
def asked(world, stage, sign_in_as):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    send(stage, sign_in_as(world.operator_a), made, "documents", name_1=world.a.text("one"),
         name_2=world.a.text("two"), format_2="pdf")  # fmt: skip
    return made


def bearer(stage, world, person):
    return {"Authorization": f"Bearer {make_token(stage, world.a, person)}"}


def test_it_is_read_and_answered(world, stage, client, asked):
    program, who = client(), bearer(stage, world, world.a.user)
    url = f"/api/v1/requests/{asked.number}/documents"
    found = program.get(url, headers=who).json
    lines = found["items"] if isinstance(found, dict) else found
    assert [line["state"] for line in lines] == ["open", "open"]
    sent = program.post("/api/v1/uploads?name=a.txt", data=b"x", headers=who,
                        content_type="application/octet-stream").json["id"]  # fmt: skip
    wrong = program.post(f"{url}/{lines[1]['id']}/file", json={"file": sent}, headers=who)
    assert wrong.status_code == 422
    right = program.post(f"{url}/{lines[0]['id']}/file", json={"file": sent}, headers=who)
    assert right.status_code == 200, right.text
    assert right.json["state"] == "given"
    again = program.post(f"{url}/{lines[0]['id']}/file", json={"file": sent}, headers=who)
    assert again.status_code in (409, 422)
    none = program.post(f"{url}/{lines[1]['id']}/unavailable", json={"words": "lost"}, headers=who)
    assert none.status_code == 200
    assert row_state(stage, asked) == "in_progress"
