"""Items as files: what ships is sound, and what is wrong is named by its place."""

from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from app.catalogue.building import build
from app.catalogue.check import check
from app.catalogue.document import ItemDocument
from app.catalogue.files import FOLDER, BadItem, list_files, places, read_file, shipped
from tenants.core.text import Words


@pytest.mark.parametrize("path", list_files(), ids=lambda path: path.stem)
def test_every_item_that_ships_is_sound(path: Path) -> None:
    assert check([path]) == []


def _document(**changes: Any) -> dict[str, Any]:
    found = ItemDocument().dump(shipped()["hr_question"])
    return {**found, **changes}


def _field(**changes: Any) -> dict[str, Any]:
    label = {"en": "A", "fr": "B", "de": "C"}
    return {"name": "one", "kind": "text", "label": label, **changes}


SUBJECT = _field(name="title", required=True)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"code": "With Blanks"}, "code"),
        ({"line": "cooking"}, "line"),
        ({"icon": "no-such-icon"}, "icon"),
        ({"working_days": 0}, "working_days"),
        ({"review": "perhaps"}, "review"),
        ({"meters": ["pages"]}, "meters.0"),
        ({"colour": "red"}, "colour"),
        ({"title": {"en": "Only English"}}, "title.fr"),
        ({"code_asked": True}, "gated"),
        ({"fields": []}, "fields"),
        ({"fields": [_field()]}, "fields"),
        ({"fields": [_field(name="title")]}, "fields"),
        ({"fields": [_field(name="period", required=True)]}, "fields.0.kind"),
        ({"fields": [SUBJECT, _field(), _field()]}, "fields.2.name"),
        ({"fields": [SUBJECT, _field(name="urgency")]}, "fields.1.name"),
        ({"fields": [SUBJECT, _field(name="document")]}, "files.0.name"),
        ({"fields": [SUBJECT, _field(kind="choice")]}, "fields.1.choices"),
        ({"fields": [SUBJECT, _field(kind="yes_no", required=True)]}, "fields.1.required"),
        ({"fields": [SUBJECT, _field(label={"en": "A", "fr": "", "de": "C"})]},
         "fields.1.label.fr"),
        ({"cut_off": {"rule": "business_day", "value": 20}}, "cut_off.value"),
        ({"cut_off": {"rule": "full_moon", "value": 2}}, "cut_off.rule"),
        ({"steps": [{"kind": "attach", "label": SUBJECT["label"], "needs": "other"}]},
         "steps.0.needs"),
        ({"steps": [{"kind": "wait_until", "label": SUBJECT["label"], "needs": "title"}]},
         "steps.0.needs"),
        ({"steps": [{"kind": "approve", "label": SUBJECT["label"]}]}, "steps.0.kind"),
        ({"steps": [{"kind": "do", "label": SUBJECT["label"]}]}, "results.0.code"),
        ({"restricted": {"FR": {"en": "No."}}}, "restricted.FR.value.fr"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ItemDocument().load(_document(**changes))
    assert place in [one.split(":")[0] for one in places(refused.value.messages)]


def test_a_file_says_its_name_and_every_wrong_place(tmp_path: Path) -> None:
    folder = tmp_path / "hr"
    folder.mkdir()
    text = (FOLDER / "hr" / "hr_question.toml").read_text()
    other = folder / "other.toml"
    other.write_text(text)
    with pytest.raises(BadItem, match=r"other\.toml: code: .*hr_question\.toml"):
        read_file(other)
    broken = folder / "hr_question.toml"
    broken.write_text(text.replace('kind = "date"', 'kind = "day"').replace("users", "userz"))
    with pytest.raises(BadItem, match=r"hr_question\.toml: fields\.2\.kind: "):
        read_file(broken)
    broken.write_text("no toml")
    assert check([broken, folder / "missing.toml"])[0].startswith(str(broken))


def test_an_item_speaks_the_readers_language() -> None:
    item = build(shipped()["payment_control"], 3)
    assert (item.version, item.title) == (3, "Payment control")
    assert isinstance(item.title, Words)
    assert item.title.in_language("de") == "Zahlungskontrolle"
    assert item.title.in_language("it") == "Payment control"
