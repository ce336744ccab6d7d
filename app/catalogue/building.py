"""From a document to the item that the product works with."""

from collections.abc import Mapping
from typing import Any

from app.catalogue.item import CatalogueItem
from app.catalogue.parts import FileSlot, FormField, Result, Step
from app.catalogue.wording import LANGUAGES, filled
from tenants.core.text import Words

Part = Mapping[str, Any]


def build(document: Part, version: int) -> CatalogueItem:
    """`document` was loaded by `ItemDocument`."""
    document = filled(document)
    plain = {
        name: document[name]
        for name in ("code", "line", "icon", "working_days", "gated", "approvals", "code_asked",
                     "review", "job")
    }  # fmt: skip
    cut_off = document["cut_off"]
    return CatalogueItem(
        **plain,
        version=version,
        title=Words.of(document["title"]),
        summary=Words.of(document["summary"]),
        meters=tuple(document["meters"]),
        countries=tuple(document["countries"]),
        restricted={key: Words.of(value) for key, value in document["restricted"].items()},
        cut_off=(cut_off["rule"], cut_off["value"]) if cut_off else None,
        fields=tuple(map(_field, document["fields"])),
        files=tuple(map(_file, document["files"])),
        steps=tuple(map(_step, document["steps"])),
        results=tuple(map(_result, document["results"])),
    )


def _field(one: Part) -> FormField:
    return FormField(
        one["name"], one["kind"], Words.of(one["label"]), _maybe(one["help"]),
        _maybe(one["placeholder"]), one["required"], one["min"], one["max"], one["currency"],
        tuple((choice["value"], Words.of({code: choice[code] for code in LANGUAGES}))
              for choice in one["choices"]),
    )  # fmt: skip


def _file(one: Part) -> FileSlot:
    return FileSlot(
        one["name"], Words.of(one["label"]), _maybe(one["help"]), one["accept"], one["required"]
    )


def _step(one: Part) -> Step:
    return Step(one["kind"], Words.of(one["label"]), one["needs"], one["mandatory"])


def _result(one: Part) -> Result:
    return Result(one["code"], Words.of(one["label"]), one["accept"], one["required"])


def _maybe(texts: Mapping[str, str] | None) -> Words | str:
    return Words.of(texts) if texts else ""
