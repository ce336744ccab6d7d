"""What an acceptance is bound to: everything that the approver reads in an offer."""

import hashlib
import json
from datetime import date
from uuid import UUID


def offer_hash(
    *, request_id: UUID, number: int, price: int, currency: str, body: str, valid_until: date,
    start_on: date | None,
) -> str:  # fmt: skip
    said = [
        str(request_id), number, price, currency, body, valid_until.isoformat(),
        start_on.isoformat() if start_on else None,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
