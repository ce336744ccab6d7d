"""One table of what became of a batch: of the companies that are open to the reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.permissions import Actor
from tenants.scoping import Scope
from tenants.services.job_batches import start_batch
from tests.factories import acting


def started(stage: Any, world: Any) -> Any:
    person = world.supervisor
    scope = Scope(tenant_id=PROVIDER_TENANT, user_id=person.id, side="provider")
    actor = Actor(
        user_id=person.id, name=person.name, side="provider", role="supervisor",
        tenant_id=PROVIDER_TENANT,
    )  # fmt: skip
    with acting(stage, scope):
        return start_batch(
            name="billing.sync_customer", title="Comparing subscriptions", line="finance",
            tenant_ids=[world.a.id, world.b.id], actor=actor, now=datetime.now(UTC),
        ).id  # fmt: skip


def counts(page: str) -> list[str]:
    return re.findall(r'tile-value">(\d+)<', page)


def test_what_goes_in_comes_out(stage: Any, world: Any, sign_in_as: Any) -> None:
    batch, browser = started(stage, world), sign_in_as(world.supervisor)
    path = f"/provider/jobs/batches/{batch}"
    assert path in browser.get("/provider/jobs/batches").text
    page = browser.get(path).text
    assert counts(page) == ["2", "0", "2", "0"]
    assert 'hx-trigger="every 5s"' in page
    of_batch = "WHERE batch_id = :b AND tenant_id = :t"
    stage.run(
        f"UPDATE jobs SET state = 'succeeded', finished_at = now(), result = :r {of_batch}",
        b=batch, t=world.a.id, r='{"compared": 12}',
    )  # fmt: skip
    stage.run(
        f"UPDATE jobs SET state = 'quarantined', finished_at = now(), error = :e {of_batch}",
        b=batch, t=world.b.id, e=world.b.text("no answer"),
    )  # fmt: skip
    page = browser.get(path).text
    assert counts(page) == ["2", "1", "0", "1"]
    assert "compared: 12" in page
    assert world.b.text("no answer") in page
    assert "every 5s" not in page
    for show, (there, away) in {
        "done": (world.a, world.b), "failed": (world.b, world.a), "nonsense": (world.a, None),
    }.items():  # fmt: skip
        page = browser.get(f"{path}?show={show}").text
        results = page[page.index('id="results"') :]
        assert counts(page) == ["2", "1", "0", "1"]
        assert there.name in results
        assert away is None or away.name not in results
    assert f'href="{path}?show=failed#results"' in page
    assert "All have ended" in browser.get(f"{path}?show=going").text
    job = stage.value(f"SELECT id FROM jobs {of_batch}", b=batch, t=world.b.id)
    assert world.b.url(f"jobs/{job}") in page


def test_only_open_companies_are_shown(stage: Any, world: Any, sign_in_as: Any) -> None:
    batch = started(stage, world)
    path = f"/provider/jobs/batches/{batch}"
    stage.run(
        "UPDATE grants SET ended_at = now() WHERE user_id = :u AND tenant_id = :b",
        u=world.supervisor.id, b=world.b.id,
    )  # fmt: skip
    page = sign_in_as(world.supervisor).get(path).text
    assert counts(page)[0] == "2"
    assert "1 company is not open to you" in page
    assert world.a.name in page
    assert world.b.name not in page
    page = sign_in_as(world.provider_admin).get(path).text
    assert "None of its companies is open to you" in page
    assert sign_in_as(world.supervisor).get(f"/provider/jobs/batches/{uuid7()}").status_code == 404
