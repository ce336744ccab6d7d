"""Rows that are written plainly say what their documented schema would."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

from app.service_requests.api_schemas import RequestOut
from app.service_requests.api_showing import request_row


def test_a_row_of_a_request_is_what_its_schema_writes() -> None:
    at = datetime(2026, 10, 5, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    row = SimpleNamespace(
        number=7, item="query", line="finance", title="Täglich <b>", state="new",
        priority="urgent", version=3, raised_by_name="Ada", raised_at=at,
        state_since=at.astimezone(UTC), due_at=at + timedelta(days=1), assignee_name="Nobody",
    )  # fmt: skip
    written = request_row(row)
    assert written == RequestOut().dump(row)
    assert written["raised_at"] == "2026-10-05T07:30:00.123Z"
