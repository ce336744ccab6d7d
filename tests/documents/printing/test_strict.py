"""What leaves the house is printed as it was written, or refused with what is in the way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.documents.printing import strict
from app.documents.printing.glyphs import unprintable, unprintable_in
from app.documents.printing.letterheads import Letterhead, Logo, Sheet
from app.documents.printing.logos import LARGEST, LogoRefused, drawn_anew
from app.documents.templating.fields import sample_values
from app.documents.templating.filling import Wording, fill
from tenants.core.limited import Limits
from tests.documents.printing.pictures import SVG, png
from tests.documents.verapdf import assert_archivable
from tests.documents.words import words_of

NOW = datetime(2026, 12, 3, 10, tzinfo=UTC)
HOSTILE = (
    '#read("/etc/passwd") *x* _y_ $z$ @ref // /* `r` = Title',
    "=HYPERLINK('http://x')", "<script>alert(1)</script>", "\\u{1F600} #{panic()}",
)  # fmt: skip


def sheet(kind: str = "letter", body: str = "Text", **more: object) -> Sheet:
    language = str(more.pop("language", "fr"))
    filled = fill(Wording(kind, "{{request_title}}", body), sample_values(kind, language))
    assert not filled.problems
    head = more.pop("head", Letterhead("Lentier SAS", sender=("1 rue X",), footer=("RCS Lyon",)))
    return Sheet(kind, filled.data, head, language, NOW, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["letter", "list", "cover"])
def test_each_page_is_archivable_and_accessible(kind: str, tmp_path: Path) -> None:
    head = Letterhead("Müller & Söhne GmbH", logo=Logo("svg", drawn_anew(SVG)[1], "Müller"))
    files = []
    for language in ("fr", "de", "en"):
        made = sheet(
            kind, "**{{salutation}}**,\n\n# Titre\n\n- un\n- deux", language=language, head=head,
            recipient=["Frau Weiß", "50667 Köln"], columns=["A", "B"], rows=[["1", "2"]],
            code="ABCD", verify_address="https://x.example/verify", place="Köln",
        )  # fmt: skip
        files.append(tmp_path / f"{language}.pdf")
        files[-1].write_bytes(made.pdf())
    assert_archivable(*files)


def test_the_same_data_gives_the_same_bytes() -> None:
    assert sheet().pdf() == sheet().pdf()


def test_markup_stays_text(tmp_path: Path) -> None:
    names = list(HOSTILE)
    made = sheet("list", "Text", columns=["A"], rows=[[one] for one in names]).pdf()
    said = words_of(made)
    for one in names:
        assert one.replace(" ", "") in said.replace(" ", "")
    assert "root:" not in said


def test_a_name_of_ten_thousand_characters_stays_on_its_page() -> None:
    made = sheet(recipient=["W" * 10_000, "Straße " * 500])
    assert words_of(made.pdf()).count("W") >= 10_000


@pytest.mark.parametrize(
    ("text", "name"),
    [("Grüße 😀", "GRINNING FACE"), ("株式会社", "CJK"), ("abc\u202edef", "RIGHT-TO-LEFT OVERRIDE"),
     ("a\x00b", "U+0000"), ("عربى", "ARABIC"), ("\ue000", "U+E000"), ("\ud800", "U+D800")],
)  # fmt: skip
def test_what_no_font_has_is_refused_by_its_name_and_place(text: str, name: str) -> None:
    with pytest.raises(strict.NotPrintable) as refused:
        sheet("list", columns=["A"], rows=[["fine"], [text]]).pdf()
    assert name in refused.value.text
    assert "rows.2.1" in refused.value.text


def test_a_preview_shows_what_it_can() -> None:
    pages = sheet("list", columns=["A"], rows=[["😀 株 \u202e"]]).preview()
    assert pages[0].startswith(b"\x89PNG")
    assert len(sheet(body="\n\n".join(["Absatz"] * 400)).preview()) == strict.PREVIEW_PAGES


def test_what_takes_too_long_is_stopped() -> None:
    with pytest.raises(strict.TypesettingStopped):
        strict.typeset_strictly(
            Path(strict.__file__).with_name("list.typ"), {}, dated=NOW, lang="fr",
            limits=Limits(wall_seconds=0.01),
        )  # fmt: skip


def test_what_takes_too_much_memory_is_stopped() -> None:
    rows = [["x" * 2000] * 5] * 3000
    with pytest.raises(strict.TypesettingStopped):
        strict.typeset_strictly(
            Path(strict.__file__).with_name("list.typ"),
            {**sheet("list")._data(), "columns": ["A"] * 5, "rows": rows},
            dated=NOW, lang="fr", limits=Limits(memory_mb=400, cpu_seconds=30),
        )  # fmt: skip


def test_every_character_of_the_european_alphabets_is_there() -> None:
    alphabet = (
        "ÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸàâäæçéèêëîïôöœùûüÿßẞ€§°«»“”„‚’–—…·•№±×÷¼½™®©ĄĘŁŃŚŹŻčďěňřšťůžőűășțñõãåøÅØ"
    )
    assert not list(unprintable_in(alphabet + "ΑΩαω АЯая"))
    assert [one.place for one in unprintable({"a": ["x", {"b": "😀"}]})] == ["a.2.b"]


def test_a_logo_is_drawn_anew() -> None:
    kind, drawn = drawn_anew(png(3000, 500, comment="secret"))
    assert kind == "png"
    assert b"secret" not in drawn
    assert drawn_anew(png(300, 100, form="JPEG"))[0] == "png"
    shapes = SVG.replace(b"<rect", b'<metadata><x xmlns="y">secret</x></metadata><rect')
    kind, drawn = drawn_anew(shapes)
    assert (kind, b"secret" in drawn) == ("svg", False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * (LARGEST + 1), "logo_too_large"),
        (b"GIF89a", "logo_format"),
        (b"%PDF-1.7", "logo_format"),
        (b"<html></html>", "logo_format"),
        (b"\x89PNG\r\n\x1a\nbroken", "logo_broken"),
        (SVG.replace(b"<rect", b"<script>1</script><rect"), "logo_script"),
        (SVG.replace(b"<rect", b'<rect onload="x()"'), "logo_script"),
        (SVG.replace(b"<rect", b'<image href="file:///etc/passwd"/><rect'), "logo_script"),
        (SVG.replace(b"<rect", b'<use href="https://x.example/a.svg#b"/><rect'), "logo_script"),
        (SVG.replace(b"<rect", b"<style>@import url(http://x)</style><rect"), "logo_script"),
        (SVG.replace(b"<rect", b'<rect stroke="url(http://x.example)"'), "logo_script"),
        (SVG.replace(b"<rect", b"<foreignObject/><rect"), "logo_script"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "logo_script"),
        (SVG.replace(b"</svg>", b""), "logo_broken"),
    ],
)
def test_what_is_no_harmless_picture_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(LogoRefused) as refused:
        drawn_anew(content)
    assert refused.value.code == code
    assert refused.value.field_errors["logo"]


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read() -> None:
    with pytest.raises(LogoRefused) as refused:
        drawn_anew(png(10_000, 10_000, mode="1"))
    assert refused.value.code == "logo_pixels"
