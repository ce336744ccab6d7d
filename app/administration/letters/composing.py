"""A draft becomes a sheet: its fields from the request and from what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date

from app.administration.letters.models import Letter
from app.documents.printing.glyphs import unprintable_in
from app.documents.printing.letterheads import Sheet
from app.documents.templating.fields import FIELDS
from app.documents.templating.filling import EMPTY, NO_GLYPH_IN_FIELD, Wording, fill
from app.documents.templating.markup import Problem
from app.documents.templating.previewing import local
from app.documents.templating.queries import get_letterhead
from app.service_requests.models import ServiceRequest
from tenants.core.text import _m
from tenants.queries import get_tenant

_LOCALES = {"fr": "fr", "de": "de", "en": "en_GB"}
# What the page itself prints, whatever the text names.
ALWAYS = {"letter": ("recipient_name", "recipient_address"), "list": (), "cover": ()}
BESIDE = ("reference", "place")
MOST_ROWS, MOST_COLUMNS = 500, 8
TABLE = _m("Table")
NO_SUBJECT = _m("The subject is empty.")
UNEVEN = _m("This row has %(found)s columns, the first has %(wanted)s.")
TOO_MANY = _m("At most 500 rows and 8 columns can be printed.")


@dataclass(frozen=True, slots=True)
class Composed:
    """Good to be issued when there are no problems, else for a preview."""

    sheet: Sheet
    problems: tuple[Problem, ...]


def asked_fields(kind: str, wording: Wording) -> list[str]:
    """What somebody has to type: the fields of the text, and what its page prints."""
    named = [*ALWAYS[kind], *wording.fields()]
    beside = BESIDE if kind == "letter" else BESIDE[1:]
    codes = dict.fromkeys([*named, *beside])
    return [code for code in codes if code in FIELDS and not FIELDS[code].automatic]


def wording_of(letter: Letter) -> Wording:
    return Wording(letter.kind, letter.subject, letter.body, letter.closing)


def known_values(request: ServiceRequest, language: str, now: datetime) -> dict[str, str]:
    company = get_tenant()
    return {
        "company_name": company.name,
        "company_registration": company.registration_number,
        "company_vat_id": company.vat_id,
        "today": format_date(local(now), "long", locale=_LOCALES[language]),
        "request_number": str(request.number),
        "request_title": request.title,
    }


def compose(
    *,
    letter: Letter,
    request: ServiceRequest,
    now: datetime,
    code: str = "",
    verify_address: str = "",
) -> Composed:
    typed: Mapping[str, str] = letter.field_values
    values = {**typed, **known_values(request, letter.language, now)}
    filled = fill(wording_of(letter), values)
    rows, of_table = _table(letter.table_text)
    problems = [*filled.problems, *_of_page(letter.kind, values), *of_table]
    if not filled.data["subject"]:
        problems.append(Problem(NO_SUBJECT))
    address = values.get("recipient_address", "").split("\n")
    sheet = Sheet(
        letter.kind, filled.data, get_letterhead(), letter.language, local(now),
        recipient=[line for line in (values.get("recipient_name", ""), *address) if line.strip()],
        reference=values.get("reference", ""), place=values.get("place", ""),
        columns=rows[0] if rows else (), rows=_below(letter.kind, rows), code=code,
        verify_address=verify_address,
    )  # fmt: skip
    return Composed(sheet, tuple({one.text: one for one in problems}.values()))


def _of_page(kind: str, values: Mapping[str, str]) -> list[Problem]:
    found = []
    for code in (*ALWAYS[kind], *BESIDE):
        value, labels = values.get(code, "").strip(), {"field": FIELDS[code].label}
        if not value and code in ALWAYS[kind]:
            found.append(Problem(EMPTY, labels=labels))
        found += [
            Problem(
                NO_GLYPH_IN_FIELD, labels=labels, params={"character": one.shown, "name": one.name}
            )
            for one in unprintable_in(value)
        ]
    return found


def _table(written: str) -> tuple[list[list[str]], list[Problem]]:
    """One row a line, its columns by semicolons; the first row is the head."""
    lines = [(n, line) for n, line in enumerate(written.splitlines(), start=1) if line.strip()]
    rows = [[cell.strip() for cell in line.split(";")] for _, line in lines]
    problems: list[Problem] = []
    for (number, line), row in zip(lines, rows, strict=True):
        if len(row) != len(rows[0]):
            said = {"found": len(row), "wanted": len(rows[0])}
            problems.append(Problem(UNEVEN, number, TABLE, params=said))
        problems += [
            Problem(NO_GLYPH_IN_FIELD, number, TABLE, {"field": TABLE},
                    {"character": one.shown, "name": one.name})
            for one in unprintable_in(line)
        ]  # fmt: skip
    if len(rows) > MOST_ROWS or (rows and len(rows[0]) > MOST_COLUMNS):
        problems.append(Problem(TOO_MANY))
    wide = len(rows[0]) if rows else 0
    return [(row + [""] * wide)[:wide][:MOST_COLUMNS] for row in rows[:MOST_ROWS]], problems


def _below(kind: str, rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """A cover sheet's rows are a label and what it says: none of them is a head."""
    if kind == "cover":
        return [(*row, "", "")[:2] for row in rows]
    return list(rows[1:])
