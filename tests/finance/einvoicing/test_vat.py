from datetime import date

import pytest

from app.finance.einvoicing.frames import FRAMES, NATURES, frame, nature_of
from app.finance.einvoicing.mentions import MENTIONS, Mention, notes_for
from app.finance.einvoicing.vat import EXEMPTIONS, exemptions_for, usual_exemption


@pytest.mark.parametrize(
    ("category", "country", "law"),
    [("K", "FR", "262 ter"), ("K", "DE", "§ 4 Nr. 1 Buchst. b UStG"), ("K", "AT", "Artikel 138"),
     ("G", "FR", "262, I"), ("G", "DE", "§ 4 Nr. 1 Buchst. a UStG"), ("G", "ES", "Artikel 146")],
)  # fmt: skip
def test_a_seller_cites_the_law_of_its_own_country(category: str, country: str, law: str) -> None:
    found = usual_exemption(category, seller_country=country)
    assert found is not None
    assert law in found.text("de")


def test_why_something_is_exempt_only_a_person_knows() -> None:
    assert usual_exemption("E", seller_country="FR") is None
    keys = {one.key for one in exemptions_for("E", seller_country="FR")}
    assert {"franchise_fr", "education_fr"} <= keys
    assert not keys & {"small_business_de", "education", "education_de"}


def test_every_exemption_is_worded_in_the_three_languages() -> None:
    for one in EXEMPTIONS.values():
        assert {one.text(language) for language in ("fr", "de", "en")}, one.key
        assert set(one.texts) == {"fr", "de", "en"}
        assert all(one.texts.values())


def test_every_frame_made_is_one_that_france_takes() -> None:
    for nature in NATURES:
        for case in ({}, {"paid": True}, {"after_deposit": True}):
            made = frame(nature, **case)
            assert made in FRAMES
            assert nature_of(made) == nature
    assert nature_of("urn:anything") == ""


def test_a_mention_holds_from_a_day_to_a_day() -> None:
    one = Mention(country="FR", code="X", texts={}, since=date(2026, 1, 1), until=date(2027, 1, 1))
    assert [one.holds_on(date(*day)) for day in ((2025, 12, 31), (2026, 1, 1), (2027, 1, 1))] == [
        False, True, False,
    ]  # fmt: skip
    assert all(set(one.texts) == {"fr", "de", "en"} for one in MENTIONS)


def test_a_company_words_its_mentions_itself() -> None:
    notes = notes_for(
        seller_country="FR", on=date(2026, 11, 20), language="de", treatment="B2BINT",
        own={"AAB": "2 % Skonto binnen 8 Tagen", "REG": "HRB 1"}, tax_group=True,
    )  # fmt: skip
    said = {note.code: note.text for note in notes}
    assert said["AAB"] == "2 % Skonto binnen 8 Tagen"
    assert said["REG"] == "HRB 1"
    assert (said["BAR"], said["TXD"]) == ("B2BINT", "MEMBRE_ASSUJETTI_UNIQUE")
    assert said["PMT"].startswith("Pauschale")
    assert len(said) == len(notes)
