"""For the right client, from a fresh page: otherwise 409, and what was written is kept."""

from __future__ import annotations

import pytest

from tests.factories.lifecycle import make_request, version_of
from tests.service_requests.browsing import HTMX, send

WRITING = [
    ("messages", {"body": "my careful draft"}),
    ("notes", {"body": "my careful draft"}),
    ("questions", {"body": "my careful draft"}),
    ("time", {"activity": "my careful draft", "minutes": "10", "worked_on": "2026-11-20"}),
]


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_both)


def _written(stage, made):
    return sum(
        stage.value(f"SELECT count(*) FROM {table} WHERE tenant_id = :t", t=made.company.id)
        for table in ("client_messages", "internal_notes", "questions", "time_entries")
    )


@pytest.mark.parametrize(("verb", "fields"), WRITING)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_stale_form_keeps_its_draft(world, stage, made, sign_in_as, verb, fields, headers):
    operator = sign_in_as(world.operator_both)
    stale = version_of(stage, made)
    seen = "2026-01-01T00:00:00+00:00"
    words = world.a.text("I was faster")
    send(stage, sign_in_as(world.a.user), made, "messages", body=words)
    before = _written(stage, made)
    refused = send(stage, operator, made, verb, version=stale, seen=seen, headers=headers, **fields)
    assert refused.status_code == 409
    assert "my careful draft" in refused.text
    assert "Somebody else worked on this request" in refused.text
    assert "wrote a message" in refused.text
    assert words in refused.text
    assert ("<!doctype" in refused.text) is not bool(headers)
    assert _written(stage, made) == before


@pytest.mark.parametrize(("verb", "fields"), WRITING)
def test_a_form_of_another_client_keeps_its_draft(world, stage, made, sign_in_as, verb, fields):
    operator = sign_in_as(world.operator_both)
    refused = send(stage, operator, made, verb, client=world.b.slug, **fields)
    assert refused.status_code == 409
    assert "my careful draft" in refused.text
    assert "made for another client" in refused.text
    assert _written(stage, made) == 0


@pytest.mark.parametrize("verb", ["assign", "start", "submit"])
def test_one_button_acts_are_guarded_too(world, stage, made, sign_in_as, verb):
    operator = sign_in_as(world.operator_both)
    for wrong in ({"client": world.b.slug}, {"client": ""}, {"version": "0"}, {"version": ""}):
        assert send(stage, operator, made, verb, **wrong).status_code == 409, wrong


def test_a_client_also_stops_when_a_newer_message_arrived(world, stage, made, sign_in_as):
    stale = version_of(stage, made)
    send(stage, sign_in_as(world.operator_both), made, "messages", body="first")
    user = sign_in_as(world.a.user)
    refused = send(stage, user, made, "messages", version=stale, body="my careful draft")
    assert refused.status_code == 409
    assert "my careful draft" in refused.text
    assert send(stage, user, made, "messages", body="my careful draft").status_code == 303


def test_an_empty_message_is_refused_at_the_field(world, stage, made, sign_in_as):
    refused = send(stage, sign_in_as(world.operator_both), made, "messages", body="  ")
    assert refused.status_code == 422
    assert 'id="message-body-error"' in refused.text


def test_the_page_names_the_client_everywhere(world, made, sign_in_as):
    page = sign_in_as(world.operator_both).get(made.url).text
    assert "You act for" in page
    assert world.a.name in page
    assert f"Send for {world.a.code}" in page
    guarded, followed = page.count('name="version"'), page.count(f'action="{made.url}/watchers')
    # To follow or not is one's own and fits any version.
    assert page.count('name="client"') == guarded + followed > 5
    assert "You act for" not in sign_in_as(world.a.user).get(made.url).text
