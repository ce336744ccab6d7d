"""House rules that no linter knows, each in a few lines."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenants.access import ACCESS_STATES, WORKING
from workers.registry import all_declared, resolve
from workers.schedule import TASKS

ROOT = Path(__file__).parents[2]
PRODUCT = ("app", "billing", "tenants", "workers", "dev")
# The webhook looks up whose event it is in a short read of its own, before the edge's transaction.
# An act over several clients is one transaction for each.
EDGES = {"app/factory.py", "app/cli.py", "tenants/core/db.py", "billing/webhooks.py", "app/mail_in/hook.py",
         "app/auth/errands.py"}  # fmt: skip


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text()


def test_commits_stand_in_one_place() -> None:
    found = [name for name, code in sources("app", "billing", "tenants", "workers")
             if re.search(r"\.commit\(", code)]  # fmt: skip
    assert found == ["tenants/core/db.py"]


def test_only_edges_open_a_unit_of_work() -> None:
    users = {name for name, code in sources("app", "billing", "tenants", "workers")
             if "unit_of_work" in code}  # fmt: skip
    inner = {n for n in users - EDGES if not n.startswith("workers/")
             and not n.endswith(("commands.py",)) and not n.startswith("app/demo/")}  # fmt: skip
    assert not inner


def test_services_read_no_clock() -> None:
    found = []
    for name, code in sources("app", "billing", "tenants"):
        if "/services" in name or name.endswith(("services.py", "queries.py", "models.py")):
            found += [name for word in ("clock.now(", "datetime.now(", "real_now(") if word in code]
    assert not found


def enqueued() -> Iterator[tuple[str, str]]:
    for name, code in sources("app", "billing", "tenants", "workers"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield name, first.value
            if isinstance(node, ast.keyword) and node.arg == "job":
                given = node.value.value if isinstance(node.value, ast.Constant) else None
                if isinstance(given, str):
                    yield name, given


def test_every_job_name_is_a_declared_function() -> None:
    names = {job for _, job in enqueued()} | {"outbox.deliver_mail", "outbox.deliver_stripe"}
    assert len(names) > 2
    assert names - set(all_declared()) == set()


def test_every_function_of_jobs_is_declared() -> None:
    """Else nobody could start it; helpers have a leading underscore."""
    functions = {
        f"{Path(name).stem}.{node.name}"
        for name, code in sources("workers/jobs")
        for node in ast.parse(code).body
        if isinstance(node, ast.FunctionDef) and node.name[0] != "_"
    }
    assert functions == set(all_declared())


def test_jobs_are_added_to_the_queue_that_they_declare() -> None:
    """Mails go where their sender says; what is told when offices open may take its time."""
    declared, wrong = all_declared(), []
    for name, code in sources("app", "billing", "tenants"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue":
                job = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
                given = {k.arg: k.value for k in node.keywords}.get("queue")
                queue = given.value if isinstance(given, ast.Constant) else "default"
                if job in declared and declared[str(job)].queue != queue:
                    wrong.append((name, job, queue))
    wrong += [(t.name, t.job, t.queue) for t in TASKS if declared[t.job].queue != t.queue]
    assert wrong == [("app/notifications/services.py", "notifications.tell", "default")]


def test_each_job_says_what_the_company_reads_of_it() -> None:
    """`@job(title=…)`, or `unseen="why not"` (docs/jobs.md shows both)."""
    mute = {name for name, one in all_declared().items() if bool(one.title) == bool(one.unseen)}
    assert not mute


def test_jobs_are_added_with_what_the_company_reads() -> None:
    """Where the name is a variable, tests of behaviour look."""
    declared, wrong = all_declared(), []
    for name, code in sources("app", "billing", "tenants"):
        for node in ast.walk(ast.parse(code)):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "enqueue":
                continue
            job = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
            given = {one.arg for one in node.keywords}
            told = {"title", "for_client"} <= given or None in given
            if job in declared and bool(declared[str(job)].title) != told:
                wrong.append((name, job))
    assert not wrong


def test_billing_and_what_is_owed_run_in_every_state() -> None:
    declared = all_declared()
    everywhere = {name for name, one in declared.items() if one.states == set(ACCESS_STATES)}
    assert everywhere >= {
        "billing.send_usage", "billing.sync_customer", "outbox.deliver_mail",
        "outbox.deliver_stripe", "provider.end_access",
    }  # fmt: skip
    assert {one.states for name, one in declared.items() if name not in everywhere} == {
        frozenset(WORKING)
    }


@pytest.mark.parametrize("folder", [*PRODUCT, "tests", "bench"])
def test_files_stay_small(folder: str) -> None:
    long = [(name, code.count("\n")) for name, code in sources(folder) if code.count("\n") > 400]
    assert not long


def test_templates_and_scripts_stay_small() -> None:
    paths = [p for pattern in ("*.html", "*.css", "*.js", "*.typ")
             for p in (ROOT / "app").rglob(pattern)]  # fmt: skip
    assert not [p for p in paths if p.read_text().count("\n") > 400]


def test_templates_keep_the_content_security_policy() -> None:
    """No inline style or handler, no htmx feature that needs eval, and a nonce beside every hx-."""
    wrong = []
    for path in (ROOT / "app" / "templates").rglob("*.html"):
        # A mail is read by programs that know no stylesheet; no page of ours includes it.
        if path.name == "mail.html":
            continue
        code = path.read_text()
        for tag in re.findall(r"<[a-zA-Z][^<>]*>", code):
            if re.search(r"\sstyle=|\son[a-z]+=|hx-on|javascript:|\bjs:", tag):
                wrong.append((path.name, tag))
            if re.search(r"\shx-(?!nonce)", tag) and "nonce" not in tag:
                wrong.append((path.name, tag))
    assert not wrong


def test_nobody_imports_the_entry() -> None:
    assert not [
        n
        for n, code in sources(*PRODUCT)
        if re.search(r"^\s*(import|from) wsgi", code, re.MULTILINE)
    ]


# Files that speak SQL themselves, each for a reason that its docstring or ADR 2 gives.
RAW_SQL = {
    "app/desk/quality/queries.py",
    "app/desk/queries.py",
    "app/desk/supervision/queries.py",
    "app/auth/identity.py",
    "app/auth/queries.py",
    "app/catalogue/shipping.py",
    "app/health.py",
    "app/jobs/queries.py",
    "app/mail_in/queries.py",
    "app/provider/queries.py",
    "app/service_levels/forming_queries.py",
    "app/service_requests/queries.py",
    "app/staffing/queries.py",
    "billing/backfill/services.py",
    "billing/queries.py",
    "billing/sending.py",
    "billing/sync.py",
    "billing/figures/queries.py",
    "billing/figures/services.py",
}


def test_raw_sql_stays_in_few_places() -> None:
    found = {
        name
        for name, code in sources("app", "billing")
        if not name.endswith("models.py")
        and (re.search(r"from sqlalchemy import[^\n(]*\btext\b", code)
             or re.search(r"from sqlalchemy import \([^)]*\btext\b", code)
             or "exec_driver_sql" in code)
    }  # fmt: skip
    assert found <= RAW_SQL


def test_imports_go_down_only() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:]


def test_no_lock_names_a_host() -> None:
    for name in ("requirements.lock", "package-lock.json"):
        hosts = [line for line in (ROOT / name).read_text().splitlines()
                 if "://" in line and '"url"' not in line]  # fmt: skip
        assert not hosts, name


def test_periodic_work_by_a_calendar_gets_its_period() -> None:
    deaf = [
        task.job for task in TASKS
        if not task.everywhere_at_once
        and "period" not in inspect.signature(resolve(task.job)[0]).parameters
    ]  # fmt: skip
    assert not deaf
