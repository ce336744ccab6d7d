"""`python -m app.documents.printing.child 5 900`: forks a child for each document that is asked for on
file 5, until nobody holds the other end or nobody asked for 900 seconds. Fonts are loaded once; the
engine's threads begin in the children alone, since threads don't survive a fork."""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from app.documents.printing.press import BORN
from app.documents.typesetting import compiled, load_engine
from tenants.core.limited import limit_self

PIXELS_PER_INCH = 88
_FILES = 4
Running = dict[int, tuple[int, socket.socket]]


def main(args: list[str]) -> int:
    line, idle_seconds = socket.socket(fileno=int(args[0])), int(args[1])
    load_engine()
    # Otherwise a child's collection would copy what it shares.
    gc.collect()
    gc.freeze()
    running: Running = {}
    while True:
        watched: list[Any] = [line, *running, *(told for _, told in running.values())]
        ready = select.select(watched, [], [], None if running else idle_seconds)[0]
        if not ready:
            return 0
        for one in ready:
            if one is line:
                if not _fork(line, running):
                    return 0
            elif isinstance(one, int):
                _bury(running, one)
            else:
                _kill(running, one)


def _fork(line: socket.socket, running: Running) -> bool:
    """False when nobody asks any more."""
    asked, files, *_ = socket.recv_fds(line, 1024, _FILES)
    if len(files) < _FILES:
        for pid, _told in running.values():
            os.kill(pid, signal.SIGKILL)
        return False
    told = socket.socket(fileno=files[0])
    pid = os.fork()
    if pid == 0:
        for other in (line, told, *(one for _, one in running.values())):
            other.close()
        os._exit(_document(json.loads(asked), files[1:]))
    for file in files[1:]:
        os.close(file)
    with suppress(OSError):
        told.send(BORN)
    running[os.pidfd_open(pid)] = (pid, told)
    return True


def _bury(running: Running, watched: int) -> None:
    if watched not in running:
        return
    pid, told = running.pop(watched)
    os.close(watched)
    _, status = os.waitpid(pid, 0)
    with told, suppress(OSError):
        told.send(str(os.waitstatus_to_exitcode(status)).encode())


def _kill(running: Running, told: socket.socket) -> None:
    """Who asked has let go; the child is buried when it has died."""
    for watched, (pid, other) in list(running.items()):
        if other is told:
            os.kill(pid, signal.SIGKILL)
            _bury(running, watched)


def _document(limits: list[int], files: list[int]) -> int:
    source, out, log = files
    os.dup2(log, 2)
    try:
        limit_self(*limits)
        # A worker's own limit for one job came with us.
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        with os.fdopen(source, "rb") as file:
            made = _typeset(json.load(file))
        with os.fdopen(out, "wb") as file:
            file.write(made)
    except BaseException:  # noqa: BLE001 - whatever it was is told to who asked
        os.write(2, traceback.format_exc().encode(errors="replace"))
        return 1
    return 0


def _typeset(asked: dict[str, Any]) -> bytes:
    made = compiled(
        Path(asked["template"]), asked["data"], dated=datetime.fromisoformat(asked["dated"]),
        lang=asked["lang"], form=asked["form"], ppi=PIXELS_PER_INCH,
    )  # fmt: skip
    if asked["form"] == "pdf":
        return b"".join(made)
    return b"".join(b"%d\n%b" % (len(page), page) for page in made[: asked["most"]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
