"""What is known of a client: written with its history, confirmed, told when it grew old."""

from __future__ import annotations

import re
from typing import Any

from tests.factories import make_grant, make_staff
from tests.factories.lifecycle import make_request


def _url(company: Any, work: str = "finance_question") -> str:
    return str(company.url(f"playbook/{work}"))


def _form(company: Any, **more: Any) -> dict[str, Any]:
    return {"client": company.slug, "version": "0", "rules": company.text("Pays late in August"),
            "steps": company.text("Call Anne") + "\n\n  " + company.text("Never by mail")} | more  # fmt: skip


def test_it_is_written_shown_in_the_task_and_kept(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.operator_a)
    assert browser.post(_url(world.a), data=_form(world.a)).status_code == 303
    made = make_request(stage, world.a)
    page = browser.get(made.url).text
    assert world.a.text("Pays late in August") in page
    assert "Confirmed by" in page
    stale = browser.post(_url(world.a), data=_form(world.a, rules=world.a.text("MY-DRAFT")))
    assert (stale.status_code, "MY-DRAFT" in stale.text) == (409, True)
    changed = _form(world.a, version="1", rules=world.a.text("Pays in time"), steps="")
    assert browser.post(_url(world.a), data=changed).status_code == 303
    page = browser.get(_url(world.a)).text
    assert world.a.text("Pays late in August") in page
    assert "Version 1" in page
    assert stage.value("SELECT count(*) FROM playbook_versions WHERE tenant_id = :t",
                       t=world.a.id) == 2  # fmt: skip


def test_an_old_one_says_so_until_somebody_confirms(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    browser = sign_in_as(world.operator_a)
    browser.post(_url(world.a, "finance"), data=_form(world.a))
    stage.run("UPDATE playbooks SET confirmed_at = now() - interval '181 days'"
              " WHERE tenant_id = :t", t=world.a.id)  # fmt: skip
    assert "half a year" in browser.get(_url(world.a, "finance")).text
    assert "half a year" in browser.get(world.a.url("playbook")).text
    form = {"client": world.a.slug}
    assert browser.post(f"{_url(world.a, 'finance')}/confirm", data=form).status_code == 303
    assert "half a year" not in browser.get(_url(world.a, "finance")).text
    assert browser.post(f"{_url(world.a)}/confirm", data=form).status_code == 404


def test_who_may(stage: Any, world: Any, sign_in_as: Any) -> None:
    reader = make_staff(stage, role="operator", name="Rita")
    make_grant(stage, world.a, reader, lines=("finance",), level="read")
    sign_in_as(world.operator_a).post(_url(world.a), data=_form(world.a))
    browser = sign_in_as(reader)
    assert world.a.text("Call Anne") in browser.get(_url(world.a)).text
    assert browser.post(_url(world.a), data=_form(world.a, version="1")).status_code == 403
    assert browser.get(_url(world.a, "hr")).status_code == 404
    assert browser.get(_url(world.a, "nonsense")).status_code == 404
    for person in (world.a.user, world.a.admin):
        assert sign_in_as(person).get(_url(world.a)).status_code == 403
    assert sign_in_as(world.operator_b).get(_url(world.a)).status_code == 404


def test_what_is_too_much_is_said_at_the_field(stage: Any, world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.operator_a)
    many = "\n".join(world.a.text(f"rule {n}") for n in range(21))
    answer = browser.post(_url(world.a), data=_form(world.a, steps=many))
    assert (answer.status_code, "20 rules at most" in answer.text) == (422, True)
    other = browser.post(_url(world.a), data=_form(world.a, client=world.b.slug))
    assert other.status_code == 409


def test_a_refused_form_does_not_overwrite_what_a_colleague_wrote(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    browser, colleague = sign_in_as(world.operator_a), sign_in_as(world.operator_both)
    browser.post(_url(world.a), data=_form(world.a))
    changed = _form(world.a, version="1", rules=world.a.text("From the colleague"))
    assert colleague.post(_url(world.a), data=changed).status_code == 303
    many = "\n".join(world.a.text(f"rule {n}") for n in range(21))
    refused = browser.post(_url(world.a), data=_form(world.a, version="1", steps=many))
    assert refused.status_code == 422
    [version] = re.findall(r'name="version" value="(\d*)"', refused.text)
    again = browser.post(_url(world.a), data=_form(world.a, version=version))
    assert (again.status_code, "Somebody else changed this playbook" in again.text) == (409, True)
    # Told so, whoever sends it again has seen what it says now.
    [version] = re.findall(r'name="version" value="(\d*)"', again.text)
    assert browser.post(_url(world.a), data=_form(world.a, version=version)).status_code == 303
