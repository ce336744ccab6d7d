"""The product as `make run` starts it, from a copy of the sources with a `.local` of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from babel.messages.mofile import write_mo
from sqlalchemy import make_url

from dev import translations
from dev.engines import Engines

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = ("app", "billing", "dev", "migrations", "tenants", "workers", "wsgi.py", "alembic.ini",
           "pyproject.toml")  # fmt: skip
OURS = re.compile(r"(DATABASE|COULISSE|STRIPE|REDIS|SMTP|FILES)_|MAKE|PORT$|PYTEST")
# A killed worker's job is taken up again after seconds instead of a minute.
QUICK = {
    # Journeys go from desk to desk faster than a message waits otherwise.
    "COULISSE_HOLD_SECONDS": "4",
    "COULISSE_JOBS_POLL": "0.3",
    "COULISSE_JOBS_LEADER_LEASE": "3",
    "COULISSE_JOBS_HAND_OVER_LEASE": "4",
    "COULISSE_JOBS_RUN_LEASE": "4",
    "COULISSE_JOBS_BACKOFF": "0.2",
}
START_SECONDS = 150


@dataclass(frozen=True)
class Account:
    email: str
    password: str
    totp_secret: str | None
    role: str
    tenant: str | None


@dataclass(frozen=True)
class System:
    """`environment` is what the product's processes were told."""

    folder: Path
    url: str
    mail_url: str
    accounts: dict[str, Account]
    environment: dict[str, str]
    superuser_url: str

    @property
    def simulator_url(self) -> str:
        return self.environment["STRIPE_API_BASE"]

    def coulisse(self, *arguments: str) -> str:
        """The command, as from another terminal in the same folder."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments], cwd=self.folder, check=False,
            env=self.environment, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Past all policies."""
        url = make_url(self.superuser_url)
        place: Any = {"host": url.query["host"], "user": url.username, "dbname": "coulisse"}
        with psycopg.connect(**place, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, **values: Any) -> Any:
        [[found]] = self.rows(statement, **values)
        return found

    def log(self, name: str) -> str:
        file = self.folder / ".local" / "log" / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""


@contextmanager
def running(name: str, *, demo: bool = True) -> Iterator[System]:
    """Below a folder that PostgreSQL's own user may pass through. Without the demonstration it is
    an installation in which nobody is."""
    folder = Path(tempfile.mkdtemp(prefix=f"coulisse-{name}-"))
    folder.chmod(0o711)
    process: subprocess.Popen[str] | None = None
    try:
        _copy(folder)
        log = folder / "run.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "dev.run"], cwd=folder, env=_environment(demo), text=True,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        yield _described(folder, _wait(process, log))
    finally:
        ended = process is not None and process.poll() is not None
        last_words = (folder / "run.log").read_text() if ended else ""
        if process is not None:
            _stop(process)
        shutil.rmtree(folder, ignore_errors=True)
        assert not ended, f"the product stopped by itself:\n{last_words}"


def _copy(folder: Path) -> None:
    for name in SOURCES:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy2(source, folder / name)
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")
    for language in translations.LANGUAGES:
        # a newcomer's `make` does it too; here for the copy alone
        catalogue = translations.read(translations.po_file(folder, language), language)
        with translations.po_file(folder, language).with_suffix(".mo").open("wb") as out:
            write_mo(out, catalogue)


def _environment(demo: bool = True) -> dict[str, str]:
    """A newcomer's shell: nothing of the tests around it, and a free port."""
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return kept | QUICK | {"PORT": str(_port())} | ({} if demo else {"COULISSE_DEMO": "0"})


def _port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen: int = probe.getsockname()[1]
    return chosen


def _wait(process: subprocess.Popen[str], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if line.startswith("ready"):
                return line
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the product did not start:\n{log.read_text()}")


def _described(folder: Path, line: str) -> System:
    local = folder / ".local"
    listed = local / "demo-accounts.json"
    found = [Account(**row) for row in json.loads(listed.read_text())] if listed.exists() else []
    told = json.loads((local / "environment.json").read_text())
    match = re.fullmatch(r"ready\s+(\S+)(?:\s+accounts in \S+)?\s+mail at (\S+)", line)
    assert match, line
    return System(
        folder=folder, url=match[1], mail_url=match[2],
        accounts={account.email: account for account in found},
        environment=_environment() | told, superuser_url=Engines(local).urls.superuser,
    )  # fmt: skip


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
