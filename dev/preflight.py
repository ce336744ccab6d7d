"""Says in one sentence what this machine lacks, before anything is installed.

Runs on any python3 (3.6 and newer) with the standard library alone:
`python3 dev/preflight.py [run]`.
"""

import os
import shutil
import socket
import sys
from typing import List, Optional, Sequence

OLDEST = (3, 11)
NEEDED_BYTES = 1024**3
MODULES = ("venv", "ensurepip")


def newer_python() -> Optional[str]:
    for minor in range(15, 10, -1):
        found = shutil.which("python3.%d" % minor)
        if found:
            return os.path.basename(found)
    return None


def wrong_version(version: Sequence[int]) -> Optional[str]:
    if tuple(version[:2]) >= OLDEST:
        return None
    found = newer_python()
    advice = "make PYTHON=%s run" % found if found else "install it, then run make again"
    return "Coulisse needs Python 3.11 or newer, this is %d.%d: %s." % (
        version[0],
        version[1],
        advice,
    )


def missing_modules(version: Sequence[int]) -> Optional[str]:
    for name in MODULES:
        try:
            __import__(name)
        except ImportError:
            package = "python%d.%d-venv" % (version[0], version[1])
            return (
                "Python's module %s is missing: on Debian or Ubuntu, "
                "apt-get install %s; then run make again." % (name, package)
            )
    return None


def taken_port(port: str) -> Optional[str]:
    try:
        number = int(port)
    except ValueError:
        number = 0
    if not 0 < number < 65536:
        return "PORT must be a number from 1 to 65535, not %s." % port
    probe = socket.socket()
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", number))
    except PermissionError:
        return "Port %d needs root: choose one above 1023, as in make run PORT=8010." % number
    except OSError:
        return "Port %d is taken, by another program or another Coulisse: make run PORT=%d." % (
            number,
            min(number + 10, 65000),
        )
    finally:
        probe.close()
    return None


def unwritable(folder: str) -> Optional[str]:
    probe = os.path.join(folder, ".write-probe-%d" % os.getpid())
    try:
        with open(probe, "w"):
            pass
        os.remove(probe)
    except OSError as error:
        return "Coulisse keeps its environment and data in %s and can't write there: %s." % (
            folder,
            error.strerror,
        )
    return None


def full_disk(folder: str) -> Optional[str]:
    free = shutil.disk_usage(folder).free
    if free >= NEEDED_BYTES:
        return None
    return "Coulisse needs 1 GB of free disk space in %s, there is %.1f GB." % (
        folder,
        free / NEEDED_BYTES,
    )


def installed(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, ".venv", ".installed"))


def problems(folder: str, port: Optional[str] = None) -> List[str]:
    ready = installed(folder)
    found = []
    if not ready:
        found.append(wrong_version(sys.version_info[:2]))
        if not any(found):
            found.append(missing_modules(sys.version_info[:2]))
    not_writable = unwritable(folder)
    found.append(not_writable)
    if not (ready or not_writable):
        found.append(full_disk(folder))
    if port is not None:
        found.append(taken_port(port))
    return [sentence for sentence in found if sentence]


def main(arguments: List[str]) -> int:
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    port = os.environ.get("PORT") or "8000"  # type: Optional[str]
    # a run goes on, or was killed and may still let go of the port: dev.run knows which
    unfinished = os.path.exists(os.path.join(folder, ".local", "run.json"))
    if "run" not in arguments or unfinished:
        port = None
    found = problems(folder, port)
    for sentence in found:
        sys.stderr.write(sentence + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
