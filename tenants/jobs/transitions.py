"""The states of a job."""

STATES = (
    "queued", "dispatched", "running", "waiting", "retrying", "succeeded", "quarantined",
    "cancelled",
)  # fmt: skip
ENDED = ("succeeded", "quarantined", "cancelled")
