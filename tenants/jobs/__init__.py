"""Work of ours that outlives the request. A row in the caller's transaction is the truth; RQ only
carries its ids (docs/adr/0003-jobs.md)."""

from tenants.jobs.adding import enqueue, enqueue_many, plain, wake_dispatcher
from tenants.jobs.batches import Part, get_batch, get_batch_once, list_batches, list_parts
from tenants.jobs.errors import (
    COULD_NOT_FINISH,
    TOOK_TOO_LONG,
    OutputLimitReached,
    PermanentFailure,
)
from tenants.jobs.handling import cancel, drop, replay
from tenants.jobs.models import (
    QUEUES,
    RESULT_LENGTH,
    TURN,
    Job,
    JobBatch,
    JobDecision,
    JobWorker,
    Leader,
    PeriodicTask,
    TenantSchedule,
)
from tenants.jobs.queries import (
    JobStatus,
    find_status,
    get_status,
    list_children,
    list_of_subject,
)
from tenants.jobs.transitions import ENDED, STATES

__all__ = [
    "COULD_NOT_FINISH",
    "ENDED",
    "QUEUES",
    "RESULT_LENGTH",
    "STATES",
    "TOOK_TOO_LONG",
    "TURN",
    "Job",
    "JobBatch",
    "JobDecision",
    "JobStatus",
    "JobWorker",
    "Leader",
    "OutputLimitReached",
    "Part",
    "PeriodicTask",
    "PermanentFailure",
    "TenantSchedule",
    "cancel",
    "drop",
    "enqueue",
    "enqueue_many",
    "find_status",
    "get_batch",
    "get_batch_once",
    "get_status",
    "list_batches",
    "list_children",
    "list_of_subject",
    "list_parts",
    "plain",
    "replay",
    "wake_dispatcher",
]
