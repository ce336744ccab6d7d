"""Nothing goes by itself: a period, two people, no hold, then a certificate."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.documents.services import disposing, holding
from app.documents.services.disposing import Decided, Night, OwnProposal, StillKept
from tenants.core.errors import Forbidden
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.documents import add_version, make_document, own
from tests.factories.people import Company, Person

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
