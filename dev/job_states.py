"""docs/jobs.md from the transition table and the schedule: python -m dev.job_states > docs/jobs.md"""

from tenants.jobs.transitions import ENDED, TRANSITIONS
from workers.registry import all_declared
from workers.schedule import TASKS

PERIODIC = """\
## Periodic work

`workers/schedule.py` is the one table of it; `python -m workers schedule` lists it with what comes
next. Whole multiples of a time are one moment for all companies. What follows a calendar (nth
business day, weekday, day of the month) goes by each company's own: its zone, holidays and closures
as its contract has them now. The dispatcher only tells a company to look; the job `schedule.turn`
finds there what is due and plans what comes, anew whenever a version of the contract begins, and
once a day. An hour that a night leaves out is the next that there is; one that comes twice, the
first.

The key of each job holds entry and period (`schedule:prepare-months:2026-11`), so nothing is done
twice, whoever schedules, whatever the clock does. What was missed while nobody scheduled is made up
for: `once` with one job, `each` with one for every period, one after the other; `skip` lets go what
is late by more than a quarter of an hour. Why it is so: [ADR 9](adr/0009-periodic-work.md).""".splitlines()

SEEN = """\
## What a company reads of its jobs

“What is being done for you” on its home lists what runs or waits and what failed lately: of a
request to those who see its line, of the whole company to everybody there. Each function in
`workers/jobs` declares the title that stands there, or why nothing does; a job whose time has not
come is not listed. Parameters come with the job.""".splitlines()


BROKEN = """\
## Broken on purpose

The storm (`tests/faults/storm`) lets jobs of three companies through kills at named points, frozen
and stopped processes, a flushed, stopped and killed Valkey, a crashed PostgreSQL, clocks that jump,
forged messages, and a mail server and a Stripe that are away or lose their answers. At the end every
effect is there once: in the database, at Stripe, and as mails and webhooks that may come again under
their own number only. Does it see an engine that breaks a promise? `tests/faults/storm/sabotage.py`
breaks it, one promise at a time; `python -m tests.faults.storm.sabotaged` runs each (in `make prove`,
one of them for every change).

| Broken | What the storm found |
|---|---|
| nothing | every promise kept |
| a worker doesn't ask which attempt is the current one | effects twice |
| a running job counts as lost while its worker lives | jobs that never end |
| the outbox notes an effect as done before it is | mails that never came |
| a chunk's position is saved before its effect | effects lost |
| a job is finished before its effect is kept | effects lost |
| each try of a mail has a number of its own | mails that nobody promised |
| an order that comes again under its key is a second job | jobs that nobody ordered |
| each try at Stripe has a key of its own | items that are there several times |
| nobody looks for hand-overs that were lost | jobs that never begin |
| jobs are handed over before the claim is committed | jobs that never begin: a worker refuses what is not claimed |

A worker that stays in the company of its first job is not among them: the database refuses what it
writes there, and another worker does the job.""".splitlines()


def document() -> str:
    table = TRANSITIONS.values()
    lines = [
        "# Life of a job",
        "",
        "Drawn from `tenants/jobs/transitions.py`, which every statement on a job's state obeys; tests",
        "keep the two equal and find statements that go around it. Why it is so:",
        "[ADR 3](adr/0003-jobs.md).",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> queued",
        *(f"    {source} --> {one.target}: {one.verb}" for one in table for source in one.sources),
        *(f"    {state} --> [*]" for state in ENDED),
        "```",
        "",
        "| Verb | From | To | Who | When |",
        "|---|---|---|---|---|",
        *(
            f"| {one.verb} | {', '.join(f'`{state}`' for state in one.sources)} | `{one.target}` |"
            f" {one.who} | {one.when} |"
            for one in table
        ),
        "",
        "Only the worker with the current attempt finishes, fails or hands back. A job whose company's",
        "access state doesn't let it run stays `queued` or `retrying` and is marked as held.",
        "",
        *PERIODIC,
        "",
        "| Entry | When | Job, for each | Missed |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {one.when.text} | `{one.job}`, {one.each} | {one.catch_up} |"
            for one in TASKS
        ),
        "",
        *SEEN,
        "",
        "| Job | The company reads | Why not |",
        "|---|---|---|",
        *(
            f"| `{name}` | {one.title or '–'} | {one.unseen} |"
            for name, one in sorted(all_declared().items())
        ),
        "",
        *BROKEN,
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(document(), end="")
