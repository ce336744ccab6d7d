"""Pure rules: proposals never collide in shape, numbers are checked as their countries do."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.provider.countries import ZONES, country_choices
from app.provider.identifiers import checked_numbers
from app.provider.last_moment import end_of_day, last_moment
from app.provider.proposals import CODE, SLUG, propose_code, propose_slug
from tenants.core.errors import Invalid
from tenants.models import Grant
from tenants.services.grants import LONGEST_GRANT

NAMES = st.one_of(st.text(max_size=120), st.text("ÄÖÜßœæéà -&'.1234567890", max_size=40))


@given(NAMES)
def test_proposals_have_the_right_shape(name: str) -> None:
    assert CODE.fullmatch(propose_code(name))
    assert SLUG.fullmatch(propose_slug(name))


@given(st.lists(st.sampled_from(["Müller GmbH", "Müller SARL", "", "Müller & Co", "MÜLLER"]),
                max_size=60))  # fmt: skip
def test_proposals_never_collide(names: list[str]) -> None:
    codes: set[str] = set()
    slugs: set[str] = set()
    for name in names:
        code, slug = propose_code(name, taken=codes), propose_slug(name, taken=slugs)
        assert code not in codes
        assert slug not in slugs
        codes.add(code)
        slugs.add(slug)


@pytest.mark.parametrize(
    ("name", "code", "slug"),
    [
        ("Conserverie Lentier", "COL", "conserverie-lentier"),
        ("Hallertauer Futtermittel GmbH", "HAF", "hallertauer-futtermittel"),
        ("Société Générale de Forge", "SGF", "societe-generale-forge"),
        ("Öl", "OEL", "oel"),
        ("GmbH", "GMB", "gmbh"),
        ("株式会社", "CLI", "client"),
    ],
)
def test_proposals_are_near_to_the_name(name: str, code: str, slug: str) -> None:
    assert (propose_code(name), propose_slug(name)) == (code, slug)


@pytest.mark.parametrize(
    ("country", "registration", "vat"),
    [
        ("FR", "732829320", "FR44732829320"), ("FR", "", ""), ("DE", "München HRB 12345", ""),
        ("DE", "", "DE136695976"), ("AT", "FN 123456a", "ATU13585627"),
        ("GR", "anything", "EL094259216"), ("BE", "", "BE0428759497"),
    ],
)  # fmt: skip
def test_right_numbers_are_kept(country: str, registration: str, vat: str) -> None:
    assert checked_numbers(country=country, registration_number=registration, vat_id=vat) == (
        registration, vat,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("country", "registration", "vat", "field"),
    [
        ("FR", "732829321", "", "registration_number"),
        ("DE", "Atlantis HRB 5", "", "registration_number"),
        ("DE", "", "FR44732829320", "vat_id"), ("GR", "", "GR094259216", "vat_id"),
        ("FR", "", "FR", "vat_id"), ("FR", "", "²", "vat_id"),
    ],
)  # fmt: skip
def test_wrong_numbers_are_refused(country: str, registration: str, vat: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_numbers(country=country, registration_number=registration, vat_id=vat)
    assert set(refused.value.field_errors) == {field}


@given(st.text(max_size=80), st.text(max_size=30), st.sampled_from(sorted(ZONES)))
def test_odd_numbers_are_refused_or_kept(registration: str, vat: str, country: str) -> None:
    with suppress(Invalid):
        kept = checked_numbers(country=country, registration_number=registration, vat_id=vat)
        assert all(isinstance(one, str) for one in kept)


@pytest.mark.parametrize("language", ["fr", "de", "en"])
def test_the_two_main_countries_come_first(language: str) -> None:
    choices = country_choices(language)
    assert [code for code, _ in choices[:2]] == ["FR", "DE"]
    assert len(choices) == 27


START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS_ROUND_A_YEAR = (0, 1, 91, 182, 364, 365)
HERE = ("Europe/Paris", "Europe/Lisbon", "Asia/Nicosia", "America/New_York", "Pacific/Auckland")


@given(
    st.integers(0, 14 * 366 * 24 * 60).map(lambda past: START + timedelta(minutes=past)),
    st.sampled_from(HERE), st.sampled_from(DAYS_ROUND_A_YEAR),
)  # fmt: skip
# An hour less: the clocks go back on the way to the last day, and it is just after midnight.
@example(datetime(2027, 10, 29, 22, 10, tzinfo=UTC), "Europe/Paris", 365)
@example(datetime(2027, 3, 27, 23, 59, tzinfo=UTC), "Europe/Paris", 1)
@example(datetime(2028, 2, 29, 23, 30, tzinfo=UTC), "Europe/Paris", 365)
def test_an_access_lasts_through_its_last_day(now: datetime, zone: str, days: int) -> None:
    until = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    ends = last_moment(until, zone=zone, now=now)
    assert now < ends <= now + LONGEST_GRANT
    assert Grant(expires_at=ends).last_day(zone) == until
    assert ends + timedelta(hours=1) >= end_of_day(until, zone)


@pytest.mark.parametrize("days", [-1, 366, 100_000])
@pytest.mark.parametrize("zone", HERE)
def test_no_access_for_the_past_or_beyond_a_year(zone: str, days: int) -> None:
    for hour in range(24):
        now = datetime(2027, 10, 30, hour, 30, tzinfo=UTC)
        until = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
        with pytest.raises(Invalid):
            last_moment(until, zone=zone, now=now)
