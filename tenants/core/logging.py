"""JSON lines with who and where. `bind()` values go with every line of the same context."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_bound: ContextVar[dict[str, str] | None] = ContextVar("log_context", default=None)


def bind(**values: str | None) -> None:
    _bound.set({**(_bound.get() or {}), **{k: v for k, v in values.items() if v is not None}})


def clear() -> None:
    _bound.set(None)


def bound(name: str) -> str | None:
    return (_bound.get() or {}).get(name)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **(_bound.get() or {}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(level: str = "INFO") -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("rq.worker", "stripe", "urllib3", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
