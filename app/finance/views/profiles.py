"""How a bank's CSV is laid out: said once by an operator, with the first lines as they would be."""

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.auth.current import current_actor
from app.finance import presenting
from app.finance.bank_csv_preview import Preview, PreviewRequest
from app.finance.csv_layouts import DATE_FORMATS, ENCODINGS, MEANINGS, Layout
from app.finance.opened import Opened, open_control
from app.finance.reading import preview_bank_csv
from app.finance.services.profiles import list_layouts, save_profile
from app.finance.services.replacing import read_again, statement_bytes
from app.finance.views.blueprint import bp
from app.finance.views.opening import request_url
from app.service_requests import presenting as requests
from app.service_requests.transitions import WORKING
from app.service_requests.views.rendering import current_client
from app.spreadsheets.reasons import FileRefused, reason_json
from app.web.headers import wants_fragment
from app.web.i18n import text
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.endpoints import tenant

SEPARATORS = {
    ";": _m("Semicolon"), ",": _m("Comma"), "tab": _m("Tab"), "|": _m("Vertical bar"),
}  # fmt: skip
MARKS = {",": _m("Comma"), ".": _m("Point")}
_MOST_COLUMNS = 60


@bp.get("/csv-profile")
@tenant("payment_control.work")
def csv_profile(slug: str, number: int) -> ResponseReturnValue:
    opened = open_control(number)
    return _page(slug, opened, _known(opened))


@bp.post("/csv-profile/preview")
@tenant("payment_control.work")
def preview_csv_profile(slug: str, number: int) -> ResponseReturnValue:
    return _page(slug, open_control(number), _asked(request.form))


@bp.post("/csv-profile")
@tenant("payment_control.work")
def save_csv_profile(slug: str, number: int) -> ResponseReturnValue:
    check_client(slug)
    opened, asked = open_control(number), _asked(request.form)
    if asked.layout is None:
        return _page(slug, opened, asked)
    try:
        save_profile(layout=asked.layout, actor=current_actor(), now=clock.now())
    except Invalid as error:
        return _page(slug, opened, asked, error)
    read_again(**opened.who)
    return redirect(request_url(slug, number), 303)


def _known(opened: Opened) -> PreviewRequest:
    """The profile that read this file, to be adjusted; else everything is guessed."""
    _kind, _dot, name = opened.control.statement_format.partition(" · ")
    found = next((one for one in list_layouts() if one.name == name), None)
    if found is None:
        return PreviewRequest()
    return PreviewRequest(found.separator, found.encoding, found.skip_rows, found)


def _asked(form: MultiDict[str, str]) -> PreviewRequest:
    separator = {"tab": "\t"}.get(form.get("separator", ""), form.get("separator", ""))[:1] or ";"
    encoding = form.get("encoding", "") if form.get("encoding") in ENCODINGS else ""
    skip = form.get("skip_rows", "")
    rows = min(int(skip), 50) if skip.isascii() and skip.isdigit() and len(skip) < 4 else 0
    date_format = form.get("date_format", "")
    layout = Layout(
        name=form.get("name", "").strip()[:80],
        separator=separator,
        date_format=date_format if date_format in DATE_FORMATS else DATE_FORMATS[0],
        decimal_mark="." if form.get("decimal_mark") == "." else ",",
        columns=_columns(form),
        encoding=encoding,
        skip_rows=rows,
        currency=form.get("currency", "").strip().upper()[:3],
        account=form.get("account", "").strip()[:60],
    )
    # Other headings by now: what was chosen for the old ones says nothing.
    changed = form.get("made_for") != f"{separator}{encoding}{rows}"
    return PreviewRequest(separator, encoding, rows, None if changed else layout)


def _columns(form: MultiDict[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = (
        (form.get(f"meaning-{n}", ""), form.get(f"heading-{n}", "")[:80])
        for n in range(_MOST_COLUMNS)
    )
    return tuple(
        (meaning, heading) for meaning, heading in pairs if meaning in MEANINGS and heading
    )


def _page(
    slug: str, opened: Opened, asked: PreviewRequest, error: Invalid | None = None
) -> ResponseReturnValue:
    found, refused = None, ""
    try:
        found = preview_bank_csv(statement_bytes(control=opened.control), asked)
    except FileRefused as problem:
        refused = presenting.sentence(reason_json(problem.reason))
    if found is not None and asked.layout is None and request.method == "POST":
        name, account = (request.form.get(one, "").strip()[:80] for one in ("name", "account"))
        found = replace(found, layout=replace(found.layout, name=name, account=account))
    context = {
        "client": current_client(),
        "r": opened.request,
        "provider": opened.provider,
        "works": opened.request.state in WORKING,
        "subject": requests.subject_of(opened.request.item, opened.request.title),
        "request_url": request_url(slug, opened.request.number),
        "refused": refused,
        "errors": {name: [text(line) for line in lines]
                   for name, lines in (error.field_errors if error else {}).items()},
        **(_shown(found) if found else {"p": None}),
    }  # fmt: skip
    template = "finance/_csv_profile.html" if wants_fragment() else "finance/csv_profile.html"
    return render_template(template, **context), 422 if error else 200


def _shown(found: Preview) -> dict[str, Any]:
    layout = found.layout
    meanings = {heading: meaning for meaning, heading in layout.columns}
    return {
        "p": found,
        "layout": layout,
        "made_for": f"{layout.separator}{layout.encoding}{layout.skip_rows}",
        "columns": [
            (n, heading, found.samples[n], meanings.get(heading, ""))
            for n, heading in enumerate(found.header)
            if heading
        ],
        "rows": [(row, presenting.sentence(reason_json(row.problem)) if row.problem else "")
                 for row in found.rows],
        "problem": presenting.sentence(reason_json(found.refused)) if found.refused else "",
        "separator": {"\t": "tab"}.get(layout.separator, layout.separator),
        "choices": {
            "separator": [(key, text(label)) for key, label in SEPARATORS.items()],
            "encoding": [(key, key.upper() or text(_m("Found by content"))) for key in ENCODINGS],
            "date_format": [(one, one) for one in DATE_FORMATS],
            "decimal_mark": [(key, text(label)) for key, label in MARKS.items()],
            "meaning": [("", text(_m("Not used")))]
            + [(key, text(label)) for key, label in MEANINGS.items()],
        },
    }  # fmt: skip
