"""docs/jobs.md from the transition table: python -m dev.job_states > docs/jobs.md"""

from tenants.jobs.transitions import ENDED, TRANSITIONS


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
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(document(), end="")
