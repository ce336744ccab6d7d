"""docs/request-lifecycle.md from the transition table: python -m dev.lifecycle > docs/request-lifecycle.md"""

from app.service_requests.transitions import STATES, TRANSITIONS


def document() -> str:
    lines = [
        "# Life of a service request",
        "",
        "Drawn from `app/service_requests/transitions.py`, which services obey and screens show;",
        "a test keeps the two equal.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> new",
        *(f"    {m.source} --> {m.target}: {m.verb} ({m.who})" for m in TRANSITIONS),
        "    closed --> [*]",
        "    cancelled --> [*]",
        "```",
        "",
        "| State | Shown as |",
        "|---|---|",
        *(f"| `{state}` | {label} |" for state, label in STATES.items()),
        "",
        "| From | To | Verb | Who | Right | Condition |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{m.source}` | `{m.target}` | {m.verb} | {m.who} | `{m.permission}` | {m.condition} |"
            for m in TRANSITIONS
        ),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(document(), end="")
