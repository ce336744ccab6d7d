"""docs/request-lifecycle.md from the transition table: python -m dev.lifecycle > docs/request-lifecycle.md"""

from app.service_requests.transitions import (
    CLIENT_STATES,
    CLOCKS,
    ENDED,
    PAUSED_BY_CONTRACT,
    STATES,
    TRANSITIONS,
    seen_by,
)


def document() -> str:
    lines = [
        "# Life of a service request",
        "",
        "Drawn from `app/service_requests/transitions.py`, which services obey and screens show;",
        "a test keeps the two equal. A form that the client hasn't sent yet is a draft of its own, not",
        "a request: it has no number, no clock, and no operator sees it.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> new",
        *(f"    {m.source} --> {m.target}: {m.verb} ({m.who})" for m in TRANSITIONS),
        *(f"    {state} --> [*]" for state in ENDED),
        "```",
        "",
        "| State | Operators read | The client reads | First response | Resolution |",
        "|---|---|---|---|---|",
        *(_state(state) for state in STATES),
        "",
        "A clock that is off counts nothing until another state starts it. A first response once given",
        "stays given; a reopened request asks for a new one, and its resolution goes on with the time",
        "already used. Requests that end without delivery are left out of the figures; a merged one",
        "gives its earlier start to the request that goes on.",
        "",
        "Only what nobody works on yet ends in another request, so nothing that the client is still",
        "asked is lost with it; files, recorded time and followers go along. When a part is split off,",
        "what is open stays, and the work waits for it here, unless it is chosen: then it is asked in",
        "the new request, which waits for it, and here it stands with the number of where it went.",
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


def _state(state: str) -> str:
    shown, first, resolution = STATES[state], *CLOCKS[state]
    seen = seen_by("client", state)
    client = CLIENT_STATES.get(seen, STATES[seen])
    if state in PAUSED_BY_CONTRACT:
        resolution += " if the contract says so, else runs"
    return f"| `{state}` | {shown} | {client} | {first} | {resolution} |"


if __name__ == "__main__":
    print(document(), end="")
