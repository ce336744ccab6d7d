from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import g, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from app.web import branding, formats

MOMENT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 min"), (36, "36 min"), (-36, "− 36 min"), (60, "1 h"), (135, "2 h 15"), (125, "2 h 05"),
     (-135, "− 2 h 15"), (3120, "52 h")],
)  # fmt: skip
def test_time_left(minutes, text):
    assert formats.time_left(minutes).replace(formats.NBSP, " ") == text


@pytest.mark.parametrize(
    ("language", "date", "money", "size"),
    [
        ("fr", "22/11/2026 00:30", "1 234,50 €", "1,8 Mo"),
        ("de", "22.11.2026, 00:30", "1.234,50 €", "1,8 MB"),
        ("en", "22 Nov 2026, 00:30", "€1,234.50", "1.8 MB"),
    ],
)
def test_texts_follow_the_language_and_the_zone(gallery, language, date, money, size):
    template = "{{ m|fmt_datetime }}|{{ 123450|fmt_money('EUR') }}|{{ 1840000|fmt_size }}"
    with gallery.test_request_context(headers={"Accept-Language": language}):
        text = render_template_string(template, m=MOMENT)
    assert text.replace("\xa0", " ").replace("\u202f", " ") == f"{date}|{money}|{size}"


def test_the_person_decides_before_cookie_and_browser(gallery):
    headers = {"Accept-Language": "en", "Cookie": "lang=fr"}
    with gallery.test_request_context(headers=headers):
        assert render_template_string("{{ language() }}") == "fr"
    with gallery.test_request_context(headers=headers):
        g.person = SimpleNamespace(language="de", timezone="America/New_York")
        assert render_template_string("{{ language() }} {{ m|fmt_time }}", m=MOMENT) == "de 18:30"


def test_currencies_without_cents():
    assert formats.money_text(1234, "JPY", "en") == "¥1,234"
    assert formats.money_text(1234, "KWD", "fr").startswith("1,234")
    assert formats.money_text(-5, "EUR", "en") == "−€0.05"


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_any_colour_of_a_client_stays_readable(colour):
    tint = branding.mix(colour, branding.LIGHT_SURFACE, 0.1)
    dark = branding.mix(colour, branding.DARK_SURFACE, 0.25)
    assert branding.contrast(branding.ink_on(colour), colour) >= branding.AA
    assert branding.contrast(branding.readable(colour, tint, branding.BLACK), tint) >= branding.AA
    assert branding.contrast(branding.readable(colour, dark, branding.WHITE), dark) >= branding.AA


def test_a_colour_can_not_carry_other_css():
    assert "evil" not in branding.brand_css("red;}evil{")
    assert branding.brands_css([("A{}", "#112233")]) == ""
    assert branding.brands_css([("LEN", "#b45309")]).startswith(".client-LEN{--client:#b45309;")
