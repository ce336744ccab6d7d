"""Where a finding is: the path of a report as people can read it, the line, the number of the
standard's term."""

import re
from typing import Any

from app.documents.checking.terms import TERMS

_STEP = re.compile(
    r"/(?P<at>@)?(?:\*:|Q\{[^}]*\}|[\w.-]+:)?(?P<name>[\w.-]+|\*)"
    r"(?:\[(?:local-name\(\)='(?P<local>[\w.-]+)' and )?namespace-uri\(\)='[^']*'\])?"
    r"(?:\[(?P<index>\d+)\])?"
)
_NAMED = re.compile(r"\b(B[TG]-\d+)\b")
_SHOWN = 4


def shortened(location: str) -> tuple[str, list[tuple[str, int]]]:
    """The last steps, without namespaces and first positions; and all steps of elements."""
    steps: list[tuple[str, int]] = []
    words: list[str] = []
    for found in _STEP.finditer(location):
        name, index = found["local"] or found["name"], int(found["index"] or 1)
        if found["at"]:
            words.append(f"@{name}")
            continue
        steps.append((name, index))
        words.append(name if index == 1 else f"{name}[{index}]")
    shown = words[-_SHOWN:]
    return ("…/" if len(words) > _SHOWN else "") + "/".join(shown), steps


def term(steps: list[tuple[str, int]], text: str) -> str:
    """Of the element itself, else the first that the rule's own text names."""
    names = [name for name, _ in steps]
    for length in range(min(len(names), 5), 0, -1):
        if found := TERMS.get("/".join(names[-length:])):
            return found
    named = _NAMED.search(text)
    return named[1] if named else ""


def line(root: Any, steps: list[tuple[str, int]]) -> int | None:
    """Of that element in the file; None where the path leads nowhere."""
    if not steps or _local(root) != steps[0][0]:
        return None
    node = root
    for name, index in steps[1:]:
        same = [child for child in node if _local(child) == name]
        if len(same) < index:
            return None
        node = same[index - 1]
    number: int | None = node.sourceline
    return number


def _local(node: Any) -> str:
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
