"""Idempotency-Key: the same request sent twice happens once, and both get the first answer."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import cast
from uuid import UUID

from flask import Response, make_response, request

from app.web.api.reading import BadHeader
from tenants import idempotency
from tenants.core import clock
from tenants.permissions import Actor

HEADER = "Idempotency-Key"
PATTERN = r"^[!-~]{1,200}$"
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def once(actor: Actor, answer: Callable[[], Response]) -> Response:
    """Runs `answer`, unless this key has one already."""
    key = request.headers.get(HEADER)
    if key is None:
        return answer()
    if not re.fullmatch(PATTERN, key):
        raise BadHeader(name=HEADER)
    user_id = cast(UUID, actor.user_id)
    kept = idempotency.claim(
        user_id=user_id, key=key, request_hash=_fingerprint(), rights_hash=_rights(actor),
        now=clock.real_now(),
    )  # fmt: skip
    if kept is not None:
        response = make_response(kept.body, kept.status)
        response.headers.update(kept.headers)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    response = answer()
    idempotency.keep(
        user_id=user_id,
        key=key,
        answer=idempotency.KeptAnswer(
            response.status_code,
            {n: response.headers[n] for n in KEPT_HEADERS if n in response.headers},
            response.get_data(as_text=True),
        ),
    )
    return response


def _rights(actor: Actor) -> str:
    parts = [actor.side, actor.role, actor.approver, sorted(actor.lines.items()),
             sorted(actor.token_scopes or ())]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _fingerprint() -> str:
    """Of what is asked, not of how it was packed: a form's boundaries differ each time."""
    parts = [request.method, request.full_path, request.headers.get("If-Match", "")]
    if request.mimetype == "multipart/form-data":
        for name, sent in sorted(request.files.items(multi=True)):
            content = sent.read()
            sent.seek(0)
            parts += [name, sent.filename or "", hashlib.sha256(content).hexdigest()]
        parts += [f"{name}={value}" for name, value in sorted(request.form.items(multi=True))]
    else:
        parts.append(hashlib.sha256(request.get_data(cache=True)).hexdigest())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
