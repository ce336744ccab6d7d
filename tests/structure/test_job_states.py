"""One table says how a job's state changes; nothing in the product goes around it."""

import hashlib
import re
from pathlib import Path

from dev.job_states import document
from tenants.jobs.transitions import ENDED, STATES, TRANSITIONS
from workers.schedule import TASKS, VERSION

ROOT = Path(__file__).parents[2]
PRODUCT = ("app", "billing", "tenants", "workers", "dev")


def sources() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in PRODUCT
        for path in (ROOT / folder).rglob("*.py")
    }


def test_the_document_is_the_table() -> None:
    assert (ROOT / "docs" / "jobs.md").read_text() == document()


def test_statements_on_jobs_stand_in_three_places() -> None:
    raw = {name for name, code in sources().items() if re.search(r"UPDATE\s+jobs\b", code)}
    mapped = {name for name, code in sources().items() if re.search(r"\bupdate\(Job\)", code)}
    assert raw == {"workers/claims.py"}
    assert mapped == {"tenants/jobs/moving.py", "workers/ledger.py"}


def test_no_statement_names_a_state_itself() -> None:
    """They take it from the table: `to(verb)` in SQL, `move(verb)` in Python."""
    found = sources()
    for name in ("workers/claims.py", "workers/ledger.py", "tenants/jobs/handling.py"):
        literal = [
            line for line in found[name].splitlines()
            if any(f'"{state}"' in line or f"'{state}'" in line for state in STATES)
        ]  # fmt: skip
        assert not literal, name
    for assigned in re.findall(r"\bstate = ([^\s,]+)", found["workers/claims.py"]):
        assert assigned.startswith(("{to(", "CASE")), assigned
    assert "state=" not in found["workers/ledger.py"] + found["tenants/jobs/handling.py"]
    setters = {
        n for n, c in found.items() if "tenants.jobs" in c and re.search(r"\bjob\.state = ", c)
    }
    assert not setters


def test_every_state_is_reached_and_only_ends_are_ends() -> None:
    reached = {"queued"} | {one.target for one in TRANSITIONS.values()}
    left = {source for one in TRANSITIONS.values() for source in one.sources}
    assert reached == set(STATES)
    assert set(STATES) - left == set(ENDED) - {"quarantined"}


def test_the_schedule_has_another_version_when_entries_come_or_go() -> None:
    """Raise `workers.schedule.VERSION` by one and write both here: dispatchers of two versions may
    lead by turns (tests/workers/test_versions.py)."""
    names = ",".join(sorted(task.name for task in TASKS))
    assert (VERSION, hashlib.sha256(names.encode()).hexdigest()[:12]) == (12, "be67beba2607")
