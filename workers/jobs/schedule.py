from typing import Any

from workers import planning
from workers.registry import ANY_STATE, all_declared, job
from workers.run import JobRun
from workers.schedule import TASKS


@job(states=ANY_STATE, unseen="it only adds other jobs, which say for themselves")
def turn(*, job: JobRun, **_: Any) -> None:
    """The company looks at its own calendar."""
    planning.turn(tasks=TASKS, declared=all_declared())
