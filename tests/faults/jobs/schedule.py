from tests.faults.tasks import TASKS
from workers import planning
from workers.registry import ANY_STATE, all_declared, job


@job(queue="interactive", states=ANY_STATE)
def turn(*, job):
    planning.turn(tasks=TASKS, declared=all_declared("tests.faults.jobs"))
