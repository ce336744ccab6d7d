"""Programs read the reports that the client has."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from typing import Any

from tests.factories.reports import make_report

MAY = date(2026, 5, 1)


def test_a_program_reads_a_sent_report(stage: Any, world: Any, api_as: Any) -> None:
    make_report(stage, world.a, month=MAY, step="reviewed")
    program = api_as(world.a.admin)
    assert program.get("/api/v1/reports").json == {"items": []}
    for path in ("", "/file?language=en"):
        assert program.get(f"/api/v1/reports/2026-05{path}").status_code == 404

    stage.run("UPDATE service_reports SET state = 'sent', sent_at = now() WHERE tenant_id = :t",
              t=world.a.id)  # fmt: skip
    [listed] = program.get("/api/v1/reports").json["items"]
    assert (listed["month"], listed["state"]) == ("2026-05", "sent")
    found = program.get("/api/v1/reports/2026-05").json
    assert found["sha256"] == listed["sha256"]
    assert found["content"]["volumes"][0]["raised"] == 1
    [pdf] = [one for one in found["files"] if one["kind"] == "pdf"]
    file = program.get(f"/api/v1/reports/2026-05/file?language={pdf['language']}")
    assert hashlib.sha256(file.data).hexdigest() == pdf["sha256"]
    digest = base64.b64encode(bytes.fromhex(pdf["sha256"])).decode()
    assert file.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert program.get("/api/v1/reports/2026-13").status_code == 404
    assert program.get("/api/v1/reports/2026-05/file?language=xx").status_code == 422


def test_who_has_no_right_to_reports_reads_none(stage: Any, world: Any, api_as: Any) -> None:
    make_report(stage, world.a, month=MAY)
    assert api_as(world.a.user).get("/api/v1/reports").status_code == 403
    assert api_as(world.b.admin).get("/api/v1/reports/2026-05").status_code == 404
