from tests.workers.sample_tasks import TASKS
from workers import planning
from workers.registry import ANY_STATE, all_declared, job


@job(states=ANY_STATE)
def turn(*, job):
    planning.turn(tasks=TASKS, declared=all_declared("tests.workers.jobs"))
