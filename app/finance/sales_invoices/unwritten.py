"""Why an invoice's file couldn't be written, kept so that everybody reads it in their language."""

from __future__ import annotations

import json

from app.spreadsheets.reasons import Reason, reason_json
from tenants.core.errors import CoulisseError


def kept(error: CoulisseError) -> str:
    params = {
        name: value if isinstance(value, int) else str(value)
        for name, value in error.params.items()
    }
    return json.dumps(reason_json(Reason(error.code, error.message, params)), ensure_ascii=False)


def read(problem: str) -> Reason:
    """What was kept before there were reasons is a sentence that stays as it was said."""
    if not problem.startswith("{"):
        return Reason("", problem)
    found = json.loads(problem)
    return Reason(found["code"], found["message"], found["params"])
