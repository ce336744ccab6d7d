"""Cursors that we didn't write: a clear answer, never a server error."""

import base64
import json
from typing import Any

import pytest

from tests.isolation import examples

KEYS = [["x"], [1], [1, 2], ["2026-10-01", 5], [None, None], [10**30], ["2026-10-01T00:00:00", "x"],
        {"a": 1}, "text", [[], []], ["\x00", 1, "\x00"]]  # fmt: skip
RAW = ["%%%", "====", "bm90IGpzb24", "\u00e9"]


@pytest.mark.parametrize("path", ["requests", "requests/{n}/payment-control",
                                  "requests/{n}/payment-control/items",
                                  "requests/{n}/payment-control/rejects",
                                  "subscription/usage"])  # fmt: skip
def test_broken_page_links_are_answered(stage: Any, world: Any, sign_in_as: Any, path: str) -> None:
    case = examples.make_examples(stage, world.a, world.operator_a, skip=0)
    browser = sign_in_as(world.a.admin)
    url = world.a.url(path.format(n=case.values["number"]))
    for cursor in [
        *RAW,
        *(base64.urlsafe_b64encode(json.dumps(k).encode()).decode() for k in KEYS),
    ]:
        page = browser.get(url, query_string={"cursor": cursor, "meter": "statement_lines"})
        assert page.status_code in (200, 422), (cursor, page.status_code)


def test_broken_page_links_of_the_desk_are_answered(world: Any, sign_in_as: Any) -> None:
    browser = sign_in_as(world.operator_both)
    for cursor in [
        *RAW,
        *(base64.urlsafe_b64encode(json.dumps(k).encode()).decode() for k in KEYS),
    ]:
        for path in ("/desk", "/desk/rows"):
            page = browser.get(path, query_string={"cursor": cursor})
            assert page.status_code in (200, 422), (path, cursor)
