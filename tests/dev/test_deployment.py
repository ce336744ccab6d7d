from pathlib import Path

from dev import locks
from dev.database import PROJECT, deployment_sql


def test_the_guide_holds_the_sql_that_make_run_uses() -> None:
    assert deployment_sql() in (PROJECT / "docs" / "deploy.md").read_text()


def test_the_locks_name_no_host(tmp_path: Path) -> None:
    assert locks.naming_hosts(PROJECT) == []
    (tmp_path / "requirements.lock").write_text("flask==3\n")
    (tmp_path / "package-lock.json").write_text('{"resolved": "https://host/x.tgz"}\n')
    assert len(locks.naming_hosts(tmp_path)) == 1
