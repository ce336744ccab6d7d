"""Rule packs of the installation: added, replaced, taken away; what needs one is checked with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from app.documents.checking import services
from app.documents.checking.installed import current, installed_packs, list_installed
from app.documents.checking.running import check
from tenants.core.errors import Invalid, NotFound
from tenants.models import PROVIDER_TENANT
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests import warm
from tests.documents.checking.pack_samples import kosit_release
from tests.documents.checking.samples import UBL_PACKS, ubl
from tests.factories import Stage, World, acting

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACTOR = system_actor(PROVIDER_TENANT)
PROVIDER = Scope(tenant_id=PROVIDER_TENANT, side="provider")
NEEDED = (*UBL_PACKS, "kosit-xrechnung-ubl")


@pytest.fixture(autouse=True)
def bare(stage: Stage) -> Iterator[None]:
    stage.run("DELETE FROM rule_packs")
    yield
    stage.run("DELETE FROM rule_packs")


def add(stage: Stage, content: bytes, *, older: bool = False) -> list[str]:
    with acting(stage, PROVIDER):
        added = services.add_packs(
            file_name="xrechnung.zip", content=content, older=older, actor=ACTOR, now=NOW
        )
        return [pack.name for pack in added]


def test_a_company_checks_with_what_the_provider_installed(stage: Stage, world: World) -> None:
    mine = Scope(tenant_id=world.a.id, side="client")
    with acting(stage, mine):
        assert check(ubl(), NEEDED, now=NOW).outcome == "not_validated"
    assert add(stage, kosit_release()) == ["kosit-xrechnung-ubl"]
    with acting(stage, mine):
        slip = check(ubl(), NEEDED, now=NOW)
        assert slip.outcome == "valid"
        pack = installed_packs()["kosit-xrechnung-ubl"]
        assert (slip.runs[-1].version, slip.runs[-1].sha256) == (pack.version, pack.sha256)
        wrong = check(ubl().replace(b"BuyerReference", b"Note"), NEEDED, now=NOW)
        assert "BR-DE-901" in {one.rule for one in wrong.of("fatal")}


def test_a_newer_pack_takes_the_place_and_the_old_one_is_remembered(stage: Stage) -> None:
    add(stage, kosit_release("2.4.0"))
    assert add(stage, kosit_release("2.4.0")) == []
    assert add(stage, kosit_release("2.5.0")) == ["kosit-xrechnung-ubl"]
    with acting(stage, PROVIDER):
        assert [pack.version for pack in current()] == ["2.5.0 / XRechnung 3.0.2"]
        assert [bool(pack.removed_at) for pack in list_installed()].count(True) == 1
        services.remove_pack(name="kosit-xrechnung-ubl", actor=ACTOR, now=NOW)
    with acting(stage, PROVIDER):
        assert check(ubl(), NEEDED, now=NOW).outcome == "not_validated"
        with pytest.raises(NotFound):
            services.remove_pack(name="kosit-xrechnung-ubl", actor=ACTOR, now=NOW)


def test_an_older_pack_takes_the_place_of_a_newer_one_only_if_told_so(stage: Stage) -> None:
    add(stage, kosit_release("2.10.0"))
    with pytest.raises(Invalid, match=r"2\.10\.0 / XRechnung 3\.0\.2 .* later than 2\.9\.0"):
        add(stage, kosit_release("2.9.0"))
    assert stage.value("SELECT version FROM rule_packs") == "2.10.0 / XRechnung 3.0.2"
    assert add(stage, kosit_release("2.9.0"), older=True) == ["kosit-xrechnung-ubl"]
    with acting(stage, PROVIDER):
        assert [pack.version for pack in current()] == ["2.9.0 / XRechnung 3.0.2"]


def test_rules_that_cannot_run_are_not_installed(stage: Stage) -> None:
    text = b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="3.0">'
    text += b'<xsl:template match="/"><a xmlns="http://purl.oclc.org/dsdl/svrl">'
    text += b'<failed-assert id="BR-DE-1"/><xsl:value-of select="$missing"/></a></xsl:template>'
    with pytest.raises(Invalid), acting(stage, PROVIDER):
        services.add_packs(
            file_name="a.xsl", content=text + b"</xsl:stylesheet>", version="1", actor=ACTOR,
            now=NOW,
        )  # fmt: skip
    assert stage.value("SELECT count(*) FROM rule_packs") == 0


def test_a_company_cannot_install(stage: Stage, world: World) -> None:
    with pytest.raises(ProgrammingError), acting(stage, Scope(tenant_id=world.a.id, side="client")):
        services.add_packs(file_name="a.zip", content=kosit_release(), actor=ACTOR, now=NOW)


def test_from_the_terminal(environment: dict[str, str], stage: Stage, tmp_path: Path) -> None:
    def coulisse(*words: str) -> warm.Done:
        return warm.run("app.cli", *words, env=environment)

    path = tmp_path / "xrechnung.zip"
    path.write_bytes(kosit_release())
    added = coulisse("rules", "add", str(path))
    assert added.stdout.startswith("kosit-xrechnung-ubl 2.5.0 / XRechnung 3.0.2: 5 rules, SHA-256 ")
    listed = coulisse("rules", "list").stdout
    assert "since 2" in listed
    assert "peppol-ubl                      not installed" in listed
    path.write_bytes(b"no pack")
    refused = coulisse("rules", "add", str(path))
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert "is removed" in coulisse("rules", "remove", "kosit-xrechnung-ubl").stdout
    assert coulisse("rules", "remove", "kosit-xrechnung-ubl").returncode == 1
