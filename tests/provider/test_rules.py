"""The page of rule sets: what comes with the product, what was added, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask.testing import FlaskClient

from app.documents.checking import services
from tenants.models import PROVIDER_TENANT
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests.documents.checking.pack_samples import kosit_release
from tests.factories import Person, Stage, World, acting

SignIn = Callable[[Person], FlaskClient]
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_rule_sets_are_listed(stage: Stage, world: World, sign_in_as: SignIn) -> None:
    stage.run("DELETE FROM rule_packs")
    browser = sign_in_as(world.provider_admin)
    before = browser.get("/provider/rules").get_data(as_text=True)
    assert before.count("Missing") == 4
    assert "1.3.16" in before
    with acting(stage, Scope(tenant_id=PROVIDER_TENANT, side="provider")):
        for version in ("2.4.0", "2.5.0"):
            services.add_packs(
                file_name="xrechnung.zip", content=kosit_release(version),
                actor=system_actor(PROVIDER_TENANT), now=NOW,
            )  # fmt: skip
    after = browser.get("/provider/rules").get_data(as_text=True)
    assert after.count("Missing") == 3
    assert "2.5.0 / XRechnung 3.0.2" in after
    assert "Replaced or removed" in after
    stage.run("DELETE FROM rule_packs")


def test_operators_do_not_see_them(world: World, sign_in_as: SignIn) -> None:
    assert sign_in_as(world.operator_a).get("/provider/rules").status_code in (403, 404)
