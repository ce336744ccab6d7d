"""Nothing goes by itself: a period, two people, no hold, then a certificate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import retention
from app.documents.services import disposing, holding, keeping_longer
from app.documents.services.disposing import Decided, Night, OwnProposal, StillKept
from tenants.core import clock
from tenants.core.errors import Forbidden, Invalid
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.documents import add_version, make_document, own
from tests.factories.people import Company, Person, now

LATER = datetime(2037, 2, 1, 3, tzinfo=UTC)


def _night(stage: Any, company: Company, now: datetime = LATER) -> Night:
    with acting(stage, company.scope):
        return disposing.look_at_retention(actor=system_actor(company.id), now=now)


def _as(stage: Any, company: Company, person: Person, act: Any, **more: Any) -> None:
    with acting(stage, person.scope(company)):
        act(actor=person.actor(company, level="review"), now=LATER, **more)


def _listed(stage: Any, company: Company) -> Any:
    return stage.value("SELECT id FROM document_disposals WHERE tenant_id = :t", t=company.id)


def test_after_its_period_two_people_and_a_night(stage: Any, world: Any) -> None:
    make_document(stage, world.a, content=b"%PDF old")
    add_version(stage, world.a, 1, b"%PDF new")
    make_document(stage, world.a, kind="other", title="No period")
    assert _night(stage, world.a, datetime(2036, 12, 31, 22, tzinfo=UTC)).listed == 0
    assert _night(stage, world.a).listed == 1
    assert _night(stage, world.a).listed == 0
    disposal = _listed(stage, world.a)
    with pytest.raises(Decided):
        _as(stage, world.a, world.a.admin, disposing.release, disposal_id=disposal)
    _as(stage, world.a, world.operator_a, disposing.propose, disposal_id=disposal)
    assert _night(stage, world.a).deleted == 0
    with pytest.raises(Forbidden):
        _as(stage, world.a, world.operator_a, disposing.release, disposal_id=disposal)
    _as(stage, world.a, world.a.admin, disposing.release, disposal_id=disposal)
    night = _night(stage, world.a)
    assert (night.released, night.deleted, len(night.hashes)) == (1, 1, 2)
    [left] = own(stage, world.a, "SELECT title, deleted_at FROM documents WHERE number = 1")
    assert (left.title, bool(left.deleted_at)) == ("", True)
    [certificate] = own(stage, world.a, "SELECT * FROM deletion_certificates")
    assert (certificate.document_number, len(certificate.versions)) == (1, 2)
    assert certificate.keep_until == date(2036, 12, 31)
    assert stage.value("SELECT count(*) FROM files WHERE tenant_id = :t", t=world.a.id) == 1


def test_nobody_releases_their_own_proposal(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    _night(stage, world.a)
    disposal = _listed(stage, world.a)
    _as(stage, world.a, world.a.admin, disposing.propose, disposal_id=disposal)
    with pytest.raises(OwnProposal):
        _as(stage, world.a, world.a.admin, disposing.release, disposal_id=disposal)


def test_a_hold_stops_it_even_after_the_release(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    _night(stage, world.a)
    disposal = _listed(stage, world.a)
    _as(stage, world.a, world.operator_a, disposing.propose, disposal_id=disposal)
    _as(stage, world.a, world.a.admin, disposing.release, disposal_id=disposal)
    _as(stage, world.a, world.a.admin, holding.place_hold, number=1, reason="Tax audit 2035")
    assert _night(stage, world.a).deleted == 0
    [row] = own(stage, world.a, "SELECT state, kept_reason FROM document_disposals")
    assert (row.state, row.kept_reason) == ("kept", "Tax audit 2035")
    hold = own(stage, world.a, "SELECT id FROM document_holds")[0][0]
    _as(stage, world.a, world.a.admin, holding.lift_hold, number=1, hold_id=hold, reason="Closed")
    assert own(stage, world.a, "SELECT held FROM documents")[0][0] is False


def test_a_second_hold_stays_when_the_first_is_lifted(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    for reason in ("Audit", "Dispute"):
        _as(stage, world.a, world.a.admin, holding.place_hold, number=1, reason=reason)
    first = own(stage, world.a, "SELECT id FROM document_holds WHERE reason = 'Audit'")[0][0]
    _as(stage, world.a, world.a.admin, holding.lift_hold, number=1, hold_id=first, reason="Over")
    assert own(stage, world.a, "SELECT held FROM documents")[0][0] is True


def test_a_new_version_counts_anew(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    _night(stage, world.a)
    disposal = _listed(stage, world.a)
    add_version(stage, world.a, 1, b"newer", now=LATER)
    with pytest.raises(StillKept):
        _as(stage, world.a, world.operator_a, disposing.propose, disposal_id=disposal)


def test_what_is_to_stay_is_asked_about_again_in_a_year(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    _night(stage, world.a)
    _as(stage, world.a, world.a.admin, disposing.keep, disposal_id=_listed(stage, world.a),
        reason="For the archive")  # fmt: skip
    assert _night(stage, world.a).listed == 0
    assert _night(stage, world.a, LATER.replace(year=2038, month=3)).listed == 1


def test_on_screen(stage: Any, world: Any, sign_in_as: Any) -> None:
    make_document(stage, world.a, title=world.a.text("Old receipt"), dated=date(2010, 5, 1))
    with acting(stage, world.a.scope):
        now = datetime.now(UTC)
        assert disposing.look_at_retention(actor=system_actor(world.a.id), now=now).listed == 1
    disposal, form = _listed(stage, world.a), {"client": world.a.slug}
    url = world.a.url("documents/retention")
    admin, user = sign_in_as(world.a.admin), sign_in_as(world.a.user)
    assert "L123-22" in user.get(url).text
    assert user.post(f"{url}/{disposal}/propose", data=form).status_code == 403
    assert admin.post(f"{url}/{disposal}/propose", data=form).status_code == 303
    mine = admin.post(f"{url}/{disposal}/release", data=form)
    assert (mine.status_code, "somebody else releases it" in mine.text) == (409, True)
    assert admin.post(f"{url}/{disposal}/keep", data=form).status_code == 422
    kept = admin.post(f"{url}/{disposal}/keep", data=form | {"reason": "Still needed"})
    assert kept.status_code == 303
    assert "No period has ended." in admin.get(url).text


def _keep_longer(stage: Any, company: Company, now: datetime = LATER, **changes: Any) -> None:
    asked: dict[str, Any] = {
        "name": "voucher", "years": 15, "since": now.date(), "reason": "Insurer",
    } | changes  # fmt: skip
    with acting(stage, company.admin.scope()):
        keeping_longer.extend(**asked, actor=company.admin.actor(), now=now)


def _until(stage: Any, company: Company) -> list[Any]:
    return [
        one.keep_until
        for one in own(stage, company, "SELECT keep_until FROM documents ORDER BY number")
    ]


def test_what_is_kept_longer_is_not_deleted_and_comes_back_when_that_ends(
    stage: Any, world: Any
) -> None:
    make_document(stage, world.a)
    make_document(stage, world.a, kind="other", title="No period")
    make_document(stage, world.b)
    assert _night(stage, world.a).listed == 1
    _keep_longer(stage, world.a)
    assert _until(stage, world.a) == [date(2041, 12, 31), None]
    assert _until(stage, world.b) == [date(2036, 12, 31)]
    assert _night(stage, world.a).listed == 0
    [row] = own(stage, world.a, "SELECT state, kept_reason FROM document_disposals")
    assert (row.state, row.kept_reason) == ("kept", "It has to stay after all.")
    much_later = datetime(2038, 3, 1, 3, tzinfo=UTC)
    _keep_longer(stage, world.a, much_later, years=None, reason="No insurer any more")
    assert _until(stage, world.a) == [date(2036, 12, 31), None]
    assert _night(stage, world.a, much_later).listed == 1


def test_what_was_released_stays_when_its_period_is_lengthened(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    _night(stage, world.a)
    disposal = _listed(stage, world.a)
    _as(stage, world.a, world.operator_a, disposing.propose, disposal_id=disposal)
    _as(stage, world.a, world.a.admin, disposing.release, disposal_id=disposal)
    _keep_longer(stage, world.a)
    night = _night(stage, world.a)
    assert (night.released, night.deleted, list(night.stay)) == (1, 0, [1])


def test_a_decision_holds_from_its_day(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    _keep_longer(stage, world.a, since=date(2037, 2, 5))
    assert _until(stage, world.a) == [date(2036, 12, 31)]
    assert _night(stage, world.a, datetime(2037, 2, 4, 12, tzinfo=UTC)).listed == 1
    _night(stage, world.a, datetime(2037, 2, 5, 3, tzinfo=UTC))
    assert _until(stage, world.a) == [date(2041, 12, 31)]


def test_what_comes_and_what_is_superseded_is_kept_longer_too(stage: Any, world: Any) -> None:
    _keep_longer(stage, world.a)
    make_document(stage, world.a, now=LATER, dated=date(2030, 5, 1))
    assert _until(stage, world.a) == [date(2045, 12, 31)]
    add_version(stage, world.a, 1, b"%PDF new", now=LATER)
    assert _until(stage, world.a) == [date(2052, 12, 31)]
    # Without it, the law's period of the version that came last is what is left.
    _keep_longer(stage, world.a, years=None)
    assert _until(stage, world.a) == [date(2047, 12, 31)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"years": 10}, "years"),
        ({"years": 1}, "years"),
        ({"years": 101}, "years"),
        ({"years": None}, "years"),
        ({"name": "general"}, "name"),
        ({"name": "nothing"}, "name"),
        ({"since": date(2037, 1, 31)}, "since"),
        ({"reason": " "}, "reason"),
    ],
)
def test_never_below_the_law_and_never_without_a_reason(
    stage: Any, world: Any, changes: Any, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _keep_longer(stage, world.a, **changes)
    assert list(refused.value.field_errors) == [field]


def test_only_the_companys_administrator_decides(stage: Any, world: Any) -> None:
    for person in (world.a.user, world.operator_a):
        with acting(stage, person.scope(world.a)), pytest.raises(Forbidden):
            keeping_longer.extend(
                name="voucher", years=15, since=LATER.date(), reason="x",
                actor=person.actor(world.a, level="review"), now=LATER,
            )  # fmt: skip


@given(
    country=st.sampled_from(["FR", "DE", "BE"]), name=st.sampled_from(list(retention.CLASSES)),
    day=st.dates(date(2001, 1, 1), date(2060, 1, 1)),
    chosen=st.lists(st.builds(
        retention.Own, name=st.sampled_from(list(retention.CLASSES)),
        years=st.none() | st.integers(1, 100), since=st.dates(date(2001, 1, 1), date(2060, 1, 1)),
    ), max_size=6),
)  # fmt: skip
def test_no_decision_shortens_what_the_law_asks_for(
    country: str, name: str, day: date, chosen: list[retention.Own]
) -> None:
    rule = retention.rule_on(name, country, day)
    found = retention.years_on(name, country, day, chosen)
    if rule is None:
        assert found is None
        return
    assert found is not None
    assert found >= rule.years
    latest = [one for one in chosen if one.name == name and one.since <= day]
    assert found == rule.years or any(one.years == found for one in latest)


def test_the_page_says_what_holds_and_takes_decisions(stage: Any, world: Any, sign_in_as: Any) -> None:  # fmt: skip
    browser, a = sign_in_as(world.a.admin), world.a
    url = a.url("documents/retention/rules")
    assert "L123-22" in browser.get(url).text
    sent = {"client": a.slug, "name": "voucher", "years": "9", "since": "2099-01-01", "reason": "Insurer"}  # fmt: skip
    refused = browser.post(url, data=sent)
    assert refused.status_code == 422
    assert "Longer than the law asks for" in refused.text
    assert browser.post(url, data={**sent, "years": "30"}).status_code == 303
    page = browser.get(url).text
    assert "Insurer" in page
    assert "30 years" in page
    other = sign_in_as(world.operator_a)
    assert "Insurer" in other.get(url).text
    assert other.post(url, data=sent).status_code in (403, 404)


def test_a_decision_holds_on_the_pages_from_the_companys_day(
    stage: Any, world: Any, sign_in_as: Any, monkeypatch: Any
) -> None:
    a, browser = world.a, sign_in_as(world.a.admin)
    make_document(stage, a)
    noon, late = now().replace(hour=12), now().replace(hour=23, minute=30)
    _keep_longer(stage, a, noon, since=late.date() + timedelta(days=1), years=23)
    pages = (a.url("documents/retention"), a.url("documents/1"))
    monkeypatch.setattr(clock, "now", lambda: noon)
    assert all("23 years" not in browser.get(page).text for page in pages)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert [page for page in pages if "23 years" not in browser.get(page).text] == []


def test_what_was_there_before_counts_from_the_companys_day(stage: Any, world: Any) -> None:
    make_document(stage, world.a)
    add_version(stage, world.a, 1, b"%PDF new")
    stage.run(
        "UPDATE document_versions SET issued_at = '2027-12-31 23:30Z' WHERE tenant_id = :t"
        " AND number = 2", t=world.a.id,
    )  # fmt: skip
    filled = import_module("migrations.versions.0049_retention_rules").FILLED
    stage.run(f"{filled} AND d.tenant_id = :t", t=world.a.id)
    [row] = own(stage, world.a, "SELECT counts_from FROM documents")
    assert row.counts_from == date(2028, 1, 1)
