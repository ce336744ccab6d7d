"""Everybody clicks every link they are shown, from their home: no dead link, no server error, no
word of a company that they can't see."""

import re
from collections import deque
from typing import Any
from urllib.parse import urldefrag

from tests.isolation import examples

LIMIT = 250


def administrative(companies: list[Any]) -> list[str]:
    """What the provider's administrators are shown of a client: names, addresses, reasons."""
    words = []
    for company in companies:
        people = company.people.values()
        words += [company.name, company.text("contract"), *(one.name for one in people)]
        words += [one.email for one in people]
        # The guest of the examples, who is none of the tests' people.
        words += [company.text("Example"), f"{company.canary.lower()}-example@"]
    return sorted(words, key=len, reverse=True)


def without(body: str, words: list[str]) -> str:
    for word in words:
        body = body.replace(word, "")
    return body


def test_every_shown_link_leads_somewhere_of_ones_own(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    examples.make_examples(stage, world.a, world.operator_a, skip=1)
    examples.make_examples(stage, world.b, world.operator_b, skip=2)
    hidden = [
        (world.a.user, [world.b]), (world.a.admin, [world.b]), (world.a.approver, [world.b]),
        (world.operator_a, [world.b]), (world.operator_both, []), (world.operator_none, [world.a, world.b]),
        (world.supervisor, []), (world.provider_admin, [world.a, world.b]),
    ]  # fmt: skip
    for person, others in hidden:
        browser = sign_in_as(person)
        waiting, known = deque(["/"]), {"/"}
        while waiting and len(known) < LIMIT:
            path = waiting.popleft()
            page = browser.get(path)
            body = page.get_data().decode(errors="replace")
            assert page.status_code in (200, 303), (person.name, path, page.status_code)
            allowed = administrative(others) if path.startswith("/provider") else []
            assert not [c.slug for c in others if c.canary in without(body, allowed)], (
                person.name, path,
            )  # fmt: skip
            found = {page.location} if page.status_code == 303 else set()
            if page.mimetype == "text/html":
                found |= {
                    m.replace("&amp;", "&") for m in re.findall(r'(?:href|hx-get)="(/[^"]*)"', body)
                }
                found |= {
                    (path.partition("?")[0] + m).replace("&amp;", "&")
                    for m in re.findall(r'href="(\?[^"]*)"', body)
                }
            for link in sorted(found):
                clean = urldefrag(link)[0]
                if clean not in known and not clean.startswith("/assets/"):
                    known.add(clean)
                    waiting.append(clean)
        assert len(known) > 2, person.name
