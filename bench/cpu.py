"""CPU time of work that several processes share: this one with its threads, the database's, and
others that are named. Wall time on a shared machine says little."""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def family(root: int) -> set[int]:
    """A process and all below it, by /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            facts = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(facts[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def spent(pids: Iterable[int]) -> float:
    """Milliseconds of CPU of these processes so far, in nanosecond steps where Linux tells them."""
    total = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("[0-9]*"):
            try:
                total += int((thread / "schedstat").read_text().split()[0])
            except (OSError, IndexError):
                continue
    return total / 1e6


def postgres(data: Path) -> int:
    """The postmaster of a data folder."""
    return int((data / "postmaster.pid").read_text().splitlines()[0])


class Meter:
    """Counts this process and the families of the given roots. Workers of theirs that end between
    two readings are lost, so keep connections open."""

    def __init__(self, *roots: int) -> None:
        self._roots = roots

    def of(self, act: Callable[[], object], times: int = 1) -> float:
        """Milliseconds of CPU for one `act`, over so many. Looking around costs CPU too, and so
        happens outside what is counted."""
        others = set().union(*(family(root) for root in self._roots)) - {os.getpid()}
        theirs = spent(others)
        ours = time.process_time()
        for _ in range(times):
            act()
        ours = time.process_time() - ours
        others |= set().union(*(family(root) for root in self._roots)) - {os.getpid()}
        return (ours * 1000 + spent(others) - theirs) / times

    def interleaved(
        self, *acts: Callable[[], object], rounds: int = 15, times: int = 10, warm: int = 8
    ) -> list[float]:
        """Median milliseconds of each act, in turns so that a busy moment hits all alike."""
        for act in acts:
            for _ in range(warm):
                act()
        taken: list[list[float]] = [[] for _ in acts]
        for _ in range(rounds):
            for place, act in enumerate(acts):
                taken[place].append(self.of(act, times))
        return [statistics.median(found) for found in taken]
