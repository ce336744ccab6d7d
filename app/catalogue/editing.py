"""An item's document as a form holds it: rows of texts that may be wrong or empty still."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from marshmallow import ValidationError

from app.catalogue.document import ItemDocument
from app.catalogue.wording import LANGUAGES

Draft = dict[str, Any]

ROWS = ("fields", "files", "steps", "results")
PLAIN = ("icon", "working_days", "approvals", "review", "countries")
TICKS = ("gated", "code_asked")
MOST_ROWS = 40
_KEY = re.compile(
    r"(fields|files|steps|results)\.([0-9]{1,2})\.([a-z]+)(?:\.(en|fr|de))?\Z"
)  # fmt: skip
_ACT = re.compile(r"(add|remove|up|down)\.(fields|files|steps|results)(?:\.([0-9]{1,2}))?\Z")


def draft_of(document: Mapping[str, Any]) -> Draft:
    found: Draft = {**document, "countries": ", ".join(document["countries"])}
    found["cut_off"] = document["cut_off"] or {"rule": "", "value": ""}
    found["fields"] = [
        {**one, "choices": "\n".join(_line(choice) for choice in one["choices"])}
        for one in document["fields"]
    ]
    return found


def as_new(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what only the product's own work does."""
    steps = [
        {**one, "kind": "do", "needs": ""} if one["kind"] == "compute" else one
        for one in document["steps"]
    ]
    return {**document, "code": "", "job": None, "version": 1, "steps": steps}


def emptied(document: Mapping[str, Any]) -> dict[str, Any]:
    """Its form, checklist and results without what it is."""
    words = dict.fromkeys(LANGUAGES, "")
    plain = {"title": words, "summary": words, "restricted": {}, "countries": []}
    return {**document, **plain}


def draft_from(form: Mapping[str, str], meters: Sequence[str]) -> Draft:
    """What a browser sent; names are places: `fields.2.label.fr`."""
    found: Draft = {name: form.get(name, "").strip() for name in PLAIN}
    found |= {name: name in form for name in TICKS}
    found["meters"] = list(meters)
    found["cut_off"] = {part: form.get(f"cut_off.{part}", "").strip() for part in ("rule", "value")}
    for name in ("title", "summary"):
        found[name] = _texts(form, name)
    found["restricted"] = {
        country: _texts(form, f"restricted.{country}") for country in restricted_in(form)
    }
    return found | {name: _rows(form, name) for name in ROWS}


def restricted_in(form: Mapping[str, str]) -> list[str]:
    found = (re.fullmatch(r"restricted\.([A-Z]{2})\.en", name) for name in form)
    return sorted({match[1] for match in found if match})


def act(draft: Draft, wanted: str) -> bool:
    """A row added, taken away or moved; False when it says nothing of that kind."""
    match = _ACT.match(wanted)
    if match is None:
        return False
    verb, rows = match[1], draft[match[2]]
    place = int(match[3] or 0)
    if verb == "add":
        if len(rows) < MOST_ROWS:
            rows.append(_empty(match[2]))
    elif place < len(rows):
        row = rows.pop(place)
        if verb != "remove":
            rows.insert(max(0, place - 1) if verb == "up" else place + 1, row)
    return True


def document_of(draft: Draft, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """For `ItemDocument`; `fixed` are the parts that nobody edits."""
    countries = [one for one in re.split(r"[\s,;]+", draft["countries"].upper()) if one]
    return {
        **draft,
        **fixed,
        "countries": countries,
        "cut_off": draft["cut_off"] if draft["cut_off"]["rule"] else None,
        "restricted": {key: one for key, one in draft["restricted"].items() if any(one.values())},
        "fields": [_field(one) for one in draft["fields"]],
        "files": [_optional(one, "help") for one in draft["files"]],
    }


def errors_of(document: Mapping[str, Any], *, every_language: bool = True) -> dict[str, list[str]]:
    """By place; those of a choice stand at the list of choices."""
    try:
        ItemDocument(every_language=every_language).load(document)
    except ValidationError as error:
        found: dict[str, list[str]] = {}
        _collect(error.messages, "", found)
        return found
    return {}


def _collect(errors: Any, place: str, found: MutableMapping[str, list[str]]) -> None:
    if isinstance(errors, Mapping):
        for name, below in errors.items():
            # A country's texts stand below its key, the parts of a choice in one control.
            inner = name == "_schema" or (place.startswith("restricted.") and name == "value")
            more = "" if inner else f".{name}"
            stays = place.endswith(".choices")
            _collect(below, place if stays else f"{place}{more}".removeprefix("."), found)
    else:
        lines = found.setdefault(place, [])
        lines += [str(one) for one in errors if str(one) not in lines]


def _texts(form: Mapping[str, str], name: str) -> dict[str, str]:
    return {code: form.get(f"{name}.{code}", "").strip() for code in LANGUAGES}


def _rows(form: Mapping[str, str], name: str) -> list[Draft]:
    rows: dict[int, Draft] = {}
    for key, value in form.items():
        match = _KEY.match(key)
        if match is None or match[1] != name:
            continue
        row = rows.setdefault(int(match[2]), _empty(name) | {"required": False, "mandatory": False})
        if match[4]:
            row.setdefault(match[3], {})[match[4]] = value.strip()
        else:
            row[match[3]] = True if match[3] in ("required", "mandatory") else value.strip()
    kept = [rows[place] for place in sorted(rows)][:MOST_ROWS]
    unknown = {"mandatory"} if name != "steps" else {"required"}
    return [{key: value for key, value in row.items() if key not in unknown} for row in kept]


def _empty(name: str) -> Draft:
    words = dict.fromkeys(LANGUAGES, "")
    return {
        "fields": {"name": "", "kind": "text", "required": False, "label": dict(words),
                   "help": dict(words), "placeholder": dict(words), "min": "", "max": "",
                   "currency": "EUR", "choices": ""},
        "files": {"name": "", "required": False, "accept": "", "label": dict(words),
                  "help": dict(words)},
        "steps": {"kind": "do", "label": dict(words), "needs": "", "mandatory": True},
        "results": {"code": "", "label": dict(words), "accept": "", "required": False},
    }[name]  # fmt: skip


def _field(row: Draft) -> Draft:
    found = _optional(_optional(row, "help"), "placeholder")
    for name in ("min", "max"):
        found[name] = found[name] if found.get(name) not in ("", None) else None
    found["choices"] = [_choice(line) for line in row["choices"].splitlines() if line.strip()]
    return found


def _optional(row: Draft, name: str) -> Draft:
    given = row.get(name)
    return {**row, name: given if given and any(given.values()) else None}


def _choice(line: str) -> dict[str, str]:
    parts = [part.strip() for part in line.split("|")]
    return dict(zip(("value", *LANGUAGES), parts, strict=False))


def _line(choice: Mapping[str, str]) -> str:
    return " | ".join([choice["value"], *(choice[code] for code in LANGUAGES)])
