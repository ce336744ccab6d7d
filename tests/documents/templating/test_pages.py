"""Letterhead and templates as the company's administrator and its operators set them."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.documents.printing.pictures import SVG, png


def letterhead(company: Any, **more: Any) -> dict[str, Any]:
    return {
        "client": company.slug, "version": "0", "colour": "#1a5fb4", "font": "inter",
        "sender": "12 rue de la Paix\n69001 Lyon", "footer": "SAS, RCS Lyon", "named": "1", **more,
    }  # fmt: skip


def set_it(browser: Any, company: Any, **more: Any) -> Any:
    return browser.post(
        company.url("templates/letterhead"), data=letterhead(company, **more),
        content_type="multipart/form-data",
    )  # fmt: skip


@pytest.fixture
def admin(world: Any, sign_in_as: Any) -> Any:
    return sign_in_as(world.a.admin)


def test_a_letterhead_is_set_and_printed(world: Any, admin: Any) -> None:
    company = world.a
    assert set_it(admin, company, logo=(io.BytesIO(SVG), "logo.svg")).status_code == 303
    page = admin.get(company.url("templates/letterhead")).text
    assert "12 rue de la Paix" in page
    shown = admin.post(company.url("templates/letterhead/preview"), data=letterhead(company)).text
    assert "data:image/png;base64," in shown
    assert set_it(admin, company, version="0").status_code == 409
    assert set_it(admin, company, version="1", drop_logo="1").status_code == 303


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "#ffee88"}, "too pale"),
        ({"colour": "red"}, "Write the colour like"),
        ({"font": "comic"}, "font"),
        ({"sender": "Grüße 😀"}, "GRINNING FACE"),
        ({"footer": "\n".join(["x"] * 7)}, "6 lines at most"),
        ({"sender": "x" * 121}, "6 lines at most"),
        ({"logo": (io.BytesIO(b"x" * 3_000_000), "logo.png")}, "larger than 2 MB"),
        ({"logo": (io.BytesIO(b"GIF89a"), "logo.png")}, "not a PNG, JPEG or SVG"),
        (
            {"logo": (io.BytesIO(SVG.replace(b"<rect", b"<script/><rect")), "a.svg")},
            "holds scripts",
        ),
    ],
)
def test_what_a_letterhead_refuses(
    world: Any, admin: Any, change: dict[str, Any], words: str
) -> None:
    answer = set_it(admin, world.a, **change)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_logo_of_fifty_megabytes_is_refused_with_a_sentence(world: Any, admin: Any) -> None:
    answer = set_it(admin, world.a, logo=(io.BytesIO(b"\0" * 50 * 1024 * 1024), "logo.png"))
    assert answer.status_code == 413
    assert "too large" in re.sub(r"<[^>]+>", " ", answer.text)


def template(company: Any, **more: Any) -> dict[str, Any]:
    return {
        "client": company.slug, "version": "0", "kind": "letter", "language": "fr",
        "name": "Résiliation", "subject": "{{request_title}}", "body": "{{salutation}},",
        "closing": "", **more,
    }  # fmt: skip


def test_a_template_is_written_and_its_versions_stay(world: Any, admin: Any) -> None:
    company = world.a
    answer = admin.post(company.url("templates/new"), data=template(company))
    assert answer.status_code == 303, answer.text
    url = answer.headers["Location"].split("?")[0]
    changed = {**template(company, version="1"), "body": "Second"}
    assert admin.post(url, data=changed).status_code == 303
    assert "Second" in admin.get(url).text
    assert "{{salutation}}," in admin.get(f"{url}?version=1").text
    assert admin.post(url, data=changed).status_code == 409
    again = admin.post(company.url("templates/new"), data=template(company))
    assert again.status_code == 409
    assert "of this name already" in again.text
    assert admin.post(f"{url}/archive", data={"client": company.slug}).status_code == 303
    assert "No longer offered" in admin.get(company.url("templates")).text


@pytest.mark.parametrize(
    ("body", "words"),
    [("{{nobody}}", "There is no field"), ("a\nb 株", "Text, line 2"), ("{{x", "is not closed")],
)
def test_a_template_that_cannot_work_is_refused_line_by_line(
    world: Any, admin: Any, body: str, words: str
) -> None:
    answer = admin.post(world.a.url("templates/new"), data=template(world.a, body=body))
    assert answer.status_code == 422
    assert words in answer.text


def test_the_preview_shows_the_draft(world: Any, admin: Any) -> None:
    url = world.a.url("templates/preview?kind={}&language=de")
    for kind in ("letter", "list", "cover", "invoice"):
        page = admin.post(url.format(kind), data={"body": "#panic() {{nobody}}"}).text
        assert "data:image/png;base64," in page
        assert "There is no field" in page
    assert admin.post(url.format("poem"), data={}).status_code == 404


def test_who_may(world: Any, sign_in_as: Any) -> None:
    for person, read, write in (
        (world.a.user, 403, 403), (world.operator_a, 200, 303), (world.operator_b, 404, 404),
        (world.b.admin, 404, 404),
    ):  # fmt: skip
        browser = sign_in_as(person)
        assert browser.get(world.a.url("templates")).status_code == read
        made = template(world.a, name=f"Of {person.name}")
        assert browser.post(world.a.url("templates/new"), data=made).status_code == write


def test_a_form_made_for_another_client_changes_nothing(world: Any, admin: Any) -> None:
    answer = set_it(admin, world.a, client=world.b.slug)
    assert answer.status_code == 409
    assert png(1, 1)
