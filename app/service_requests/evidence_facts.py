"""A chain of evidence without what the request is about: figures, moments, names and fingerprints,
as whoever holds none of its lines sees it."""

from typing import Any

from app.service_requests.evidence import Chain, judge


def facts_of(chain: Chain) -> dict[str, Any]:
    verdict = judge(chain)
    return {
        "state": verdict.state,
        "findings": [{"text": one.text, "params": dict(one.params)} for one in verdict.findings],
        "minutes": chain.recorded,
        "rounded": chain.billable_minutes,
        "delivered": chain.delivered_at.isoformat() if chain.delivered_at else None,
        "passed": _who(chain.passed.actor_name, chain.passed.at) if chain.passed else None,
        "approved": _who(chain.approval.approver_name, chain.approval.at)
        if chain.approval
        else None,
        "files": [
            {"sha256": one.sha256, "state": one.state, "measures": dict(one.measures)}
            for one in chain.files
        ],
        "records": [
            {
                "meter": one.part.meter, "quantity": one.quantity, "hour": one.hour.isoformat(),
                "total": one.hour_total, "identifier": one.identifier,
                "sent": one.sent_at.isoformat() if one.sent_at else None,
                "invoice": one.invoice.number if one.invoice else None,
            }
            for one in chain.records
        ],
    }  # fmt: skip


def _who(name: str, at: Any) -> dict[str, str]:
    return {"by": name, "at": at.isoformat()}
