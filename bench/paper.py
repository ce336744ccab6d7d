"""A document through our own typesetting, beside typst alone with the same template and data."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from app.documents.typesetting import FONTS, _fonts, typeset
from bench.measure import Result, Stage

TEMPLATE = """
#let d = json(bytes(sys.inputs.data))
#set document(title: "Bench", date: datetime(year: d.dated.at(0), month: d.dated.at(1), day: d.dated.at(2)))
#set text(font: d.fonts, lang: d.lang)
#table(columns: 3, ..d.rows.flatten())
"""


def measure(stage: Stage) -> list[Result]:
    template = stage.root / "bench.typ"
    template.write_text(TEMPLATE)
    data = {"rows": [[f"Line {n}", f"Zeile {n}", f"{n},00"] for n in range(200)]}
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def ours() -> Any:
        return typeset(template, data, dated=at, lang="fr")

    given = json.dumps({**data, "dated": [2026, 1, 1, 0, 0, 0], "lang": "fr", "fonts": list(FONTS)})

    def plain() -> Any:
        return typst.compile(
            template, root=Path(template).parent, font_paths=_fonts(), ignore_system_fonts=True,
            format="pdf", sys_inputs={"data": given}, pdf_standards=["a-3a", "ua-1"],
        )  # fmt: skip

    value, low = stage.meter.interleaved(ours, plain, rounds=7, times=2, warm=1)
    return [
        Result("documents: our rate to typst's own", 1000 / value, 0.5, 0.8, 1000 / low,
               unit="per s CPU", better="high"),
    ]  # fmt: skip
