"""Staff have the public holidays of the provider's own office, wherever they and their clients are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.notifications.hours import next_office_hour
from tenants.models import PROVIDER_TENANT
from tenants.queries import get_tenant, list_mail_recipients
from tenants.scoping import Scope
from tests.factories import acting

# Saint Stephen's day, a Monday: closed in Bas-Rhin, open in the rest of France.
WEEK, DAY = "2022-W52", date(2022, 12, 26)


@pytest.fixture
def office(stage):
    """FR, as it was made, with whatever is changed here taken back."""
    rows = stage.rows("SELECT country, time_zone FROM tenants WHERE id = :p", p=PROVIDER_TENANT)
    stage.run("UPDATE tenants SET country = 'FR', time_zone = 'Europe/Paris' WHERE id = :p",
              p=PROVIDER_TENANT)  # fmt: skip
    yield
    stage.run("UPDATE tenants SET country = :c, time_zone = :z, region = '' WHERE id = :p",
              c=rows[0].country, z=rows[0].time_zone, p=PROVIDER_TENANT)  # fmt: skip


def expected(page: str) -> bool:
    """Whether five days of eight hours are expected in that week."""
    return "40\u00a0h" in page


def test_a_week_expects_what_the_office_works(stage, world, sign_in_as, office):
    """Of somebody in Berlin, too."""
    stage.run("UPDATE users SET time_zone = 'Europe/Berlin' WHERE id = :u", u=world.operator_a.id)
    operator = sign_in_as(world.operator_a)
    assert expected(operator.get(f"/time?week={WEEK}").text)
    admin = sign_in_as(world.provider_admin)
    saved = admin.post("/provider/office", data={"region": "67"})
    assert saved.status_code == 303, saved.text
    assert 'value="67"' in admin.get("/provider/staff").text
    page = operator.get(f"/time?week={WEEK}").text
    assert not expected(page)
    assert "32\u00a0h" in page
    assert stage.value("SELECT count(*) FROM audit_events WHERE name = 'provider.office.changed'"
                       " AND tenant_id = :p", p=PROVIDER_TENANT) >= 1  # fmt: skip


def test_an_unknown_region_is_refused_at_its_field(world, sign_in_as, office):
    admin = sign_in_as(world.provider_admin)
    refused = admin.post("/provider/office", data={"region": "BY"})
    assert refused.status_code == 422
    assert "There is no such department or Land" in refused.text
    assert 'id="form-region-error"' in refused.text or "region-error" in refused.text


@pytest.mark.parametrize("who", ["operator_a", "supervisor"])
def test_only_administrators_of_the_provider_choose(world, sign_in_as, who, office):
    answer = sign_in_as(getattr(world, who)).post("/provider/office", data={"region": "67"})
    assert answer.status_code == 403


def test_reminders_of_staff_wait_for_the_same_days(stage, world, office):
    at = datetime(2022, 12, 26, 9, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)

    def opens():
        with acting(stage, Scope(tenant_id=world.a.id, side="provider")):
            (reader,) = list_mail_recipients(user_ids=[world.operator_a.id])
            return next_office_hour(reader, get_tenant(), at)

    assert opens() == at
    stage.run("UPDATE tenants SET region = '67' WHERE id = :p", p=PROVIDER_TENANT)
    assert opens().date() == date(2022, 12, 27)
