"""What is taken from a mail is taken from a form and a program, and nothing else."""

from __future__ import annotations

import io

import pytest

from tenants.uploads import why_refused
from tests.factories.lifecycle import make_request
from tests.service_requests.browsing import send

UNWANTED = [("setup.exe", b"x"), ("invoice.pdf", b"MZ\x90\x00\x03"), ("page.html", b"<script>"),
            ("winmail.dat", b"\x78\x9f"), ("sheet.xlsm", b"PK")]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), UNWANTED)
def test_a_request_with_one_is_refused_by_its_name_and_keeps_its_words(
    world, stage, sign_in_as, name, content
):
    refused = sign_in_as(world.a.user).post(
        world.a.url("requests/new/hr_question"),
        data={
            "client": world.a.slug, "title": "Certificate", "details": "for Ms Petit",
            "document": (io.BytesIO(content), name),
        },
    )  # fmt: skip
    assert refused.status_code == 422
    assert f"“{name}” stays out" in refused.text
    assert "for Ms Petit" in refused.text
    assert stage.value("SELECT count(*) FROM requests WHERE tenant_id = :t", t=world.a.id) == 0


def test_neither_messages_nor_results_nor_programs_bring_one(world, stage, sign_in_as, api_as):
    made = make_request(stage, world.a, item="hr_question", state="in_progress",
                        operator=world.operator_both)  # fmt: skip
    user, operator = sign_in_as(world.a.user), sign_in_as(world.operator_both)
    file = (io.BytesIO(b"x"), "run.bat")
    assert send(stage, user, made, "messages", body="see", files=file).status_code == 422
    file = (io.BytesIO(b"x"), "run.bat")
    said = send(stage, operator, made, "deliverables", kind="", title="", file=file)
    assert said.status_code == 422
    answer = api_as(world.a.user).post(
        "/api/v1/uploads?name=run.bat", data=b"x", content_type="application/octet-stream"
    )
    assert (answer.status_code, answer.json["code"]) == (422, "unwanted_file")
    assert stage.value("SELECT count(*) FROM files WHERE tenant_id = :t AND name = 'run.bat'",
                       t=world.a.id) == 0  # fmt: skip


def test_twenty_files_at_once(world, stage, sign_in_as):
    made = make_request(stage, world.a, item="hr_question", state="in_progress",
                        operator=world.operator_both)  # fmt: skip
    files = [(io.BytesIO(b"x"), f"{n}.txt") for n in range(21)]
    answer = send(stage, sign_in_as(world.a.user), made, "messages", body="see", files=files)
    assert answer.status_code == 422
    assert "At most 20 files" in answer.text
    assert not stage.value("SELECT count(*) FROM client_messages WHERE request_id = :r", r=made.id)


def test_a_page_that_the_item_asks_for_is_taken_and_a_program_never():
    assert why_refused("news.html", "text/html", b"<p>", welcome=(".html",)) == ""
    assert why_refused("news.exe", "x/y", b"<p>", welcome=(".exe",))
    assert why_refused("mz.csv", "text/csv", b"MZ;Name\r\n1;x") == ""
