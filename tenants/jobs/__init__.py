"""Work of ours that outlives the request. A row in the caller's transaction is the truth; RQ only
carries its ids (docs/adr/0003-jobs.md)."""

from tenants.jobs.adding import enqueue, enqueue_many
from tenants.jobs.errors import PermanentFailure
from tenants.jobs.handling import cancel, drop, replay
from tenants.jobs.models import (
    QUEUES,
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
    "ENDED",
    "QUEUES",
    "STATES",
    "Job",
    "JobBatch",
    "JobDecision",
    "JobStatus",
    "JobWorker",
    "Leader",
    "PeriodicTask",
    "PermanentFailure",
    "TenantSchedule",
    "cancel",
    "drop",
    "enqueue",
    "enqueue_many",
    "find_status",
    "get_status",
    "list_children",
    "list_of_subject",
    "replay",
]
