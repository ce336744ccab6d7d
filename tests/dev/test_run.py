import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dev import supervise
from dev.engines import Urls
from dev.local import Ports, child_environment, kept_secrets
from dev.processes import birth, free_port
from dev.supervise import Child

PORTS = Ports(web=8000, stripe=8001, smtp=8002, mail=8003, lmtp=8004)
URLS = Urls(superuser="su", owner="owner", app="app", dispatcher="dispatcher", redis="redis")
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(60)"
)


def child(folder: Path, program: str) -> Child:
    return Child(
        name="part",
        command=[sys.executable, "-c", program],
        env={},
        log=folder / "part.log",
        cwd=folder,
    )


def eventually(true: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_secrets_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    made = kept_secrets(file)
    assert kept_secrets(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert made["STRIPE_SECRET_KEY"].startswith("sk_test_sim")


def test_what_the_caller_sets_stays(tmp_path: Path) -> None:
    given = {"SMTP_URL": "smtp://relay:25", "REDIS_URL": "", "PATH": "/bin"}
    env = child_environment(given, local=tmp_path, ports=PORTS, urls=URLS)
    assert env["SMTP_URL"] == "smtp://relay:25"
    assert env["REDIS_URL"] == "redis"
    assert env["PATH"] == "/bin"
    assert env["DATABASE_URL"] == "app"
    assert env["COULISSE_BASE_URL"] == "http://127.0.0.1:8000"


def test_a_child_that_dies_is_restarted_after_a_pause(tmp_path: Path) -> None:
    part = child(tmp_path, "print('last words')")
    part.start()
    assert eventually(part.died)
    first = part.process
    sentence = part.restart_when_due()
    assert sentence is not None
    assert "part stopped (0)" in sentence
    assert part.last_words() == "last words"
    assert part.restart_when_due() is None
    assert eventually(lambda: part.restart_when_due() is None and part.process is not first)
    supervise.stop([part])


def test_a_stubborn_child_is_killed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(supervise, "STOP_SECONDS", 0.2)
    part = child(tmp_path, STUBBORN)
    part.start()
    assert eventually(lambda: part.last_words() == "up")
    supervise.stop([part])
    assert part.died()


def test_children_of_a_killed_run_are_stopped_but_no_stranger(tmp_path: Path) -> None:
    record = tmp_path / "run.json"
    left, stranger = child(tmp_path, "import time; time.sleep(60)"), child(tmp_path, STUBBORN)
    left.start()
    stranger.start()
    assert left.process is not None
    assert stranger.process is not None
    supervise.remember([left], record)
    known = json.loads(record.read_text())
    record.write_text(json.dumps(known | {stranger.process.pid: "another birth"}))

    supervise.stop_leftovers(record)

    assert birth(left.process.pid) is None
    assert birth(stranger.process.pid) is not None
    assert not record.exists()
    stranger.process.kill()
    stranger.process.wait()


def test_a_free_port_near_the_wanted_one() -> None:
    port = free_port(near=18_000, taken={18_000})
    assert port != 18_000
