"""`make run`: the whole system in one terminal, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from app.catalogue.shipping import ship_to
from dev import database, preflight, supervise
from dev.engines import Engines, Urls
from dev.errors import LocalError
from dev.local import Ports, child_environment, write_environment
from dev.processes import free_port, tail
from dev.supervise import Child
from tenants.core.clock import real_now

PROJECT = Path(__file__).resolve().parent.parent
LOCAL = PROJECT / ".local"
READY_SECONDS = 90.0
THREADS = 8
# Browsers keep connections open that ask for nothing: a hundred of them, waitress's own limit,
# shut everybody else out. More than a thousand need poll().
CONNECTIONS = 1_000


@dataclass(frozen=True)
class Process:
    name: str
    arguments: Callable[[Ports], list[str]]
    # set by the caller: their own service is used and this one is not started
    replaced_by: str | None = None
    vital: bool = False


# in the order of starting; stopped the other way round
PROCESSES = (
    Process(
        "stripe-sim",
        lambda ports: _module(
            *("billing.sim", "--port", ports.stripe, "--state", LOCAL / "stripe-sim.json"),
            *("--webhook-url", f"http://127.0.0.1:{ports.web}/webhooks/stripe"),
        ),
        replaced_by="STRIPE_API_BASE",
    ),
    Process(
        "mail-sink",
        lambda ports: _module(
            *("dev.mail_sink", "--smtp-port", ports.smtp),
            *("--http-port", ports.mail, "--dir", LOCAL / "mail"),
            *("--lmtp-port", ports.lmtp, "--authserv-id", "mx.coulisse.example"),
        ),
        replaced_by="SMTP_URL",
    ),
    Process(
        "web",
        lambda ports: _module(
            *("waitress", f"--listen=127.0.0.1:{ports.web}", f"--threads={THREADS}"),
            *(f"--connection-limit={CONNECTIONS}", "--asyncore-use-poll"),
            *("--ident=", "wsgi:application"),
        ),
        vital=True,
    ),
    Process("worker", lambda ports: _module("workers", "worker")),
    # mails that come in; the mail sink writes some
    Process("lmtp", lambda ports: _module("workers", "lmtp", "--port", ports.lmtp)),
    # it also adds what is due by the schedule
    Process("dispatcher", lambda ports: _module("workers", "dispatcher")),
)


MEASURED = ("web", "worker", "dispatcher", "lmtp")


def _module(*arguments: object) -> list[str]:
    return [sys.executable, "-m", *map(str, arguments)]


class Interrupted(Exception):
    pass


def main() -> int:
    def interrupt(sign: int, frame: FrameType | None) -> None:
        raise Interrupted

    if os.environ.get("MAKELEVEL"):
        supervise.follow_parent()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, interrupt)
    # under nohup it outlives its terminal
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupt)
    try:
        LOCAL.mkdir(exist_ok=True)
        # root's PostgreSQL may run as nobody, who has to pass through
        LOCAL.chmod(0o711 if os.getuid() == 0 else 0o700)
        lock = _only_one(LOCAL / "run.lock")
        try:
            return _run()
        finally:
            os.close(lock)
    except Interrupted:
        return 0
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1


def _only_one(path: Path) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise LocalError(f"Coulisse already runs from {PROJECT}; stop that one first.") from None
    return lock


def _run() -> int:
    supervise.stop_leftovers(LOCAL / "run.json")
    ports = _ports()
    engines = Engines(LOCAL)
    children: list[Child] = []
    try:
        env = _environment(engines, ports)
        _migrate_and_seed(env)
        write_environment(LOCAL / "environment.json", env)
        for process in PROCESSES:
            if process.replaced_by and os.environ.get(process.replaced_by):
                continue
            child = _child(process, ports, env)
            child.start()
            children.append(child)
            supervise.remember(children, LOCAL / "run.json")
        _wait_until_ready(children, ports)
        print(_ready_line(env, ports), flush=True)
        return _watch(children)
    finally:
        _ignore_signals()
        helpers = [child for child in children if child.name in {"stripe-sim", "mail-sink"}]
        supervise.stop(child for child in children if child not in helpers)
        supervise.stop(helpers)
        (LOCAL / "run.json").unlink(missing_ok=True)
        (LOCAL / "environment.json").unlink(missing_ok=True)
        engines.stop()


def _ports() -> Ports:
    asked = os.environ.get("PORT") or "8000"
    problem = preflight.taken_port(asked)
    if problem:
        raise LocalError(problem)
    taken = {int(asked)}
    found: list[int] = []
    for _ in range(4 + len(MEASURED)):
        found.append(free_port(near=int(asked) + 1 + len(found), taken=taken))
        taken.add(found[-1])
    stripe, smtp, mail, lmtp, *metrics = found
    return Ports(
        web=int(asked), stripe=stripe, smtp=smtp, mail=mail, lmtp=lmtp,
        metrics=dict(zip(MEASURED, metrics, strict=True)),
    )  # fmt: skip


def _environment(engines: Engines, ports: Ports) -> dict[str, str]:
    own_database = bool(os.environ.get("DATABASE_URL"))
    if own_database and not os.environ.get("DATABASE_OWNER_URL"):
        raise LocalError(
            "With DATABASE_URL, set DATABASE_OWNER_URL and DATABASE_DISPATCHER_URL too."
        )
    urls: Urls = engines.up(database=not own_database, redis=not os.environ.get("REDIS_URL"))
    admin = os.environ.get("DATABASE_ADMIN_URL") if own_database else urls.superuser
    if admin:
        database.prepare(admin)
    return child_environment(os.environ, local=LOCAL, ports=ports, urls=urls)


def _migrate_and_seed(env: dict[str, str]) -> None:
    database.migrate(env["DATABASE_OWNER_URL"])
    said = ship_to(env["DATABASE_OWNER_URL"], now=real_now())
    print(*(line for line in said if ": version" not in line), sep="\n", end="")
    if env["COULISSE_DEMO"] != "1":
        return
    log = LOCAL / "log" / "demo.log"
    with log.open("wb") as out:
        seeded = subprocess.run(
            _module("app.cli", "demo", "seed"),
            env=env,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=False,
        )
    if seeded.returncode != 0:
        raise LocalError(f"The demonstration data could not be made ({log}):\n{tail(log)}")


def _child(process: Process, ports: Ports, env: dict[str, str]) -> Child:
    log = LOCAL / "log" / f"{process.name}.log"
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    if process.name in ports.metrics and not os.environ.get("COULISSE_METRICS_PORT"):
        env = env | {"COULISSE_METRICS_PORT": str(ports.metrics[process.name])}
    return Child(process.name, process.arguments(ports), env, log, PROJECT, vital=process.vital)


def _wait_until_ready(children: list[Child], ports: Ports) -> None:
    deadline = time.monotonic() + READY_SECONDS
    answer = "no answer"
    while time.monotonic() < deadline:
        _look_after(children)
        try:
            url = f"http://127.0.0.1:{ports.web}/readyz"
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            answer = f"{error.code} {error.read(500).decode(errors='replace')}"
        except OSError as error:
            answer = str(error)
        time.sleep(0.1)
    raise LocalError(f"/readyz is not 200 after {READY_SECONDS:.0f} s: {answer}")


def _ready_line(env: dict[str, str], ports: Ports) -> str:
    line = f"ready  {env['COULISSE_BASE_URL']}"
    accounts = LOCAL / "demo-accounts.json"
    if accounts.exists():
        line += f"  accounts in {accounts.relative_to(PROJECT)}"
    if not os.environ.get("SMTP_URL"):
        line += f"  mail at http://127.0.0.1:{ports.mail}"
    return line


def _look_after(children: list[Child]) -> None:
    for child in children:
        if child.vital and child.died():
            raise LocalError(f"{child.name} stopped ({child.log}):\n{child.last_words()}")
        sentence = child.restart_when_due()
        if sentence:
            print(sentence, file=sys.stderr, flush=True)


def _watch(children: list[Child]) -> int:
    while True:
        before = [child.process for child in children]
        _look_after(children)
        if before != [child.process for child in children]:
            supervise.remember(children, LOCAL / "run.json")
        time.sleep(0.3)


def _ignore_signals() -> None:
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)


if __name__ == "__main__":
    raise SystemExit(main())
