"""What a request's page says about its approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.service_requests.approvals.models import ApprovalRound
from app.service_requests.approvals.rights import Voice, find_voice
from app.service_requests.approvals.rounds import WAITS
from app.service_requests.models import Approval, ServiceRequest
from tenants.permissions import Actor


@dataclass(frozen=True, slots=True)
class ApprovalShown:
    """`given` counts for the files as they are; `voice` is the reader's, None for who only looks."""

    asked: ApprovalRound | None
    given: Sequence[Approval]
    voice: Voice | None
    expired: bool

    @property
    def needed(self) -> int:
        return self.asked.needed if self.asked else 1

    @property
    def asks_code(self) -> bool:
        return self.asked is None or self.asked.asks_code

    @property
    def decided(self) -> bool:
        """The reader did, or somebody in whose name they would."""
        return self.voice is not None and any(
            row.approver_id == self.voice.actor.user_id or row.voice_id == self.voice.of_id
            for row in self.given
        )

    @property
    def may_approve(self) -> bool:
        return self.voice is not None and not self.decided and not self.expired


def find_approval(
    *, actor: Actor, request: ServiceRequest, approvals: Sequence[Approval],
    rounds: Sequence[ApprovalRound], sha256: str, now: datetime,
) -> ApprovalShown | None:  # fmt: skip
    """None while nothing waits for approval. `approvals` are all of the request's, `rounds` the open
    one, if any."""
    if request.state != WAITS:
        return None
    asked = next((one for one in rounds if one.sha256 == sha256), None)
    given = [
        row for row in approvals
        if asked is not None and row.round_id == asked.id and row.decision == "approved"
    ]  # fmt: skip
    used = {row.voice_id for row in given}
    return ApprovalShown(
        asked, given, find_voice(actor=actor, line=request.line, now=now, used=used),
        expired=asked is not None and asked.is_expired(now),
    )  # fmt: skip
