"""The small language of templates: what it means, what it refuses, and that it means nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.templating.fields import FIELDS, KINDS, fields_of, sample_values
from app.documents.templating.filling import Wording, fill, problems_of
from app.documents.templating.markup import parse

KNOWN = ["name", "day"]


def shape(text: str) -> list[tuple[str, list[list[tuple[str, bool]]]]]:
    return [
        (b.kind, [[(s.text or f"<{s.field}>", s.bold) for s in line.spans] for line in b.lines])
        for b in parse(text, KNOWN).blocks
    ]


def test_what_it_means() -> None:
    assert shape("# Hello\nDear **{{ name }}**,\nsecond line\n\n- one\n- two\n\nEnd") == [
        ("heading", [[("Hello", False)]]),
        ("paragraph", [[("Dear ", False), ("<name>", True), (",", False)],
                       [("second line", False)]]),
        ("list", [[("one", False)], [("two", False)]]),
        ("paragraph", [[("End", False)]]),
    ]  # fmt: skip
    assert shape(r"2 \* 3, a \**b, \{{name}}") == [
        ("paragraph", [[("2 * 3, a **b, {{name}}", False)]])
    ]
    assert parse("", KNOWN).blocks == ()


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("x\n{{nobody}}", "There is no field “nobody” here", 2),
        ("{{name", "“{{” is not closed", 1),
        ("a\n\nb **bold", "“**” is not closed", 3),
        ("{{na{{name}}", "“{{” is not closed", 1),
        ("{{}}", "There is no field “” here", 1),
        ("{{ __class__ }}", "There is no field “__class__” here", 1),
    ],
)
def test_what_it_refuses(text: str, said: str, line: int) -> None:
    [problem] = parse(text, KNOWN).problems
    assert said in problem.text
    assert problem.line == line


@given(st.text(max_size=300))
def test_any_text_is_read_and_nothing_is_lost(text: str) -> None:
    parsed = parse(text, KNOWN)
    if not any(mark in text for mark in ("*", "{", "\\", "- ", "# ", "\r")):
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        kept = ["".join(s.text for s in line.spans) for b in parsed.blocks for line in b.lines]
        assert kept == lines


def test_what_is_missing_is_named_with_its_place() -> None:
    wording = Wording("letter", "About {{reference}}", "Hello\n{{salutation}}", "{{signatory}}")
    filled = fill(wording, {"salutation": "Dear 株", "signatory": "  "})
    assert [one.text for one in filled.problems] == [
        "Subject, line 1: The field “Reference of the recipient” is empty.",
        (
            "Text, line 2: The field “Form of address” holds “株” "
            "(U+682A CJK UNIFIED IDEOGRAPH-682A), which none of our fonts can print."
        ),
        "Closing, line 1: The field “Who signs” is empty.",
    ]
    assert fill(wording, sample_values("letter", "de")).problems == ()


def test_the_text_itself_is_checked_before_anybody_fills_it() -> None:
    found = problems_of(Wording("letter", "S", "fine\nno 😀", ""))
    assert [one.text for one in found] == [
        "Text, line 2: “😀” (U+1F600 GRINNING FACE) can't be printed: none of our fonts has it."
    ]


def test_values_are_never_read_again() -> None:
    """A value that looks like a field or a mark stays as it is."""
    filled = fill(
        Wording("letter", "S", "{{recipient_name}}"),
        {"recipient_name": "**{{company_name}}** \\ # x", "company_name": "secret"},
    )
    [piece] = filled.data["body"][0]["lines"][0]
    assert piece["text"] == "**{{company_name}}** \\ # x"


def test_every_field_has_samples_and_a_kind() -> None:
    for field in FIELDS.values():
        assert set(field.sample) == {"fr", "de", "en"}
        assert set(field.kinds) <= set(KINDS)
    assert all(fields_of(kind) for kind in KINDS)
