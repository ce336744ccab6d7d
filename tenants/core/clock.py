"""The business clock. Security (sessions, leases, one-time codes) uses the database's or the
machine's own time; the business clock may be moved ahead in a demonstration."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_offset_file: Path | None = None
_cached: tuple[float, timedelta] = (-1.0, timedelta())


def follow_environment() -> None:
    """For processes without the app: ahead in a demonstration, as `app.config` reads it."""
    demo = os.environ.get("COULISSE_DEMO") == "1"
    local = Path(os.environ.get("COULISSE_LOCAL", ".local"))
    follow_offset_file(local / "clock-offset" if demo else None)


def follow_offset_file(path: Path | None) -> None:
    """Let `now()` run ahead by the seconds that the file holds (demo mode only)."""
    global _offset_file, _cached
    _offset_file, _cached = path, (-1.0, timedelta())


def offset() -> timedelta:
    global _cached
    if _offset_file is None:
        return timedelta()
    try:
        changed = os.stat(_offset_file).st_mtime
    except FileNotFoundError:
        return timedelta()
    if changed != _cached[0]:
        _cached = (changed, timedelta(seconds=float(_offset_file.read_text() or 0)))
    return _cached[1]


def now() -> datetime:
    return datetime.now(UTC) + offset()


def real_now() -> datetime:
    """The machine's time, for one-time codes and expiry of links."""
    return datetime.now(UTC)
