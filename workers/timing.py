"""How long things may take, in seconds. `COULISSE_JOBS_<NAME>` replaces one of them."""

import os
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Timing:
    poll: float = 2.0
    leader_lease: float = 10.0
    # from the hand-over until a worker starts the job
    hand_over_lease: float = 20.0
    run_lease: float = 60.0
    # how often a worker process tells that it lives; thrice that long it is believed
    heartbeat: float = 5.0
    backoff: float = 2.0
    backoff_ceiling: float = 3600.0
    # from SIGTERM until a running job is interrupted and handed back; less than a container's 10
    stop_grace: float = 7.0
    # beyond its time limit, until a job that nothing can interrupt takes its worker down
    hang_margin: float = 30.0
    # 0 leaves each queue its own limit
    time_limit: float = 0.0

    @classmethod
    def from_env(cls) -> "Timing":
        given = {
            field.name: float(value)
            for field in fields(cls)
            if (value := os.environ.get(f"COULISSE_JOBS_{field.name.upper()}"))
        }
        return cls(**given)
