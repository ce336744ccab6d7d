"""Files of requests that were merged, where the work goes on."""

from __future__ import annotations

from typing import Any

from tests.factories.lifecycle import make_request
from tests.service_requests.browsing import pdf, send


def test_attachments_go_along_through_every_merge(world: Any, stage: Any, sign_in_as: Any) -> None:
    """What was written, and what came for a list of documents, opens where the work goes on."""
    made = [make_request(stage, world.a, title=title) for title in ("First", "Second", "Third")]
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    send(stage, user, made[0], "messages", body="the letter", files=pdf(name="letter.pdf"))
    send(stage, operator, made[0], "start")
    send(stage, operator, made[0], "documents", name_1=world.a.text("one"))
    line = stage.value("SELECT id FROM document_lines WHERE request_id = :r", r=made[0].id)
    send(stage, user, made[0], f"documents/{line}/provide", file=pdf(name="contract.pdf"))
    stage.run("UPDATE requests SET state = 'assigned' WHERE id = :r", r=made[0].id)
    for one, into in ((made[0], made[1]), (made[1], made[2])):
        done = send(stage, operator, one, "merge", number=str(into.number))
        assert done.status_code == 303
    files = stage.rows(
        "SELECT f.id, f.name FROM request_files r JOIN files f ON f.id = r.file_id"
        " WHERE r.request_id = :r", r=made[0].id,
    )  # fmt: skip
    assert {row.name for row in files} == {"letter.pdf", "contract.pdf"}
    for person in (world.a.user, world.operator_a):
        browser = sign_in_as(person)
        page = browser.get(made[2].url).text
        for row in files:
            assert f"{made[2].url}/files/{row.id}" in page, row.name
            assert browser.get(f"{made[2].url}/files/{row.id}").status_code == 200
