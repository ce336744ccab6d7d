from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields, validate

from app.directory.data import LABELS
from app.directory.importing import queries, services, undoing
from app.directory.importing.errors_file import errors_file
from app.directory.importing.models import OUTCOMES, PartyImport
from app.directory.importing.rows import template_rows
from app.directory.queries import list_by_ids
from app.directory.schemas import ActForm
from app.directory.views.blueprint import bp, check_client, page, reader, writer
from app.spreadsheets.writing import KINDS, Sheet, write
from app.web.forms import BoundForm
from app.web.i18n import language, text
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.text import _c, _m
from tenants.endpoints import tenant
from tenants.jobs import get_status
from tenants.permissions import Actor

OUTCOME_LABELS = {
    "new": _m("New"), "changed": _m("Changed"), "same": _m("As it was"),
    "rejected": _m("Rejected"),
}  # fmt: skip
STATES = {
    "reading": (_m("Being read"), "loader-2", "info"),
    "refused": (_m("Not readable"), "alert-circle", "bad"),
    "previewed": (_m("Waits for your word"), "hand-stop", "wait"),
    "taking": (_m("Being taken"), "loader-2", "info"),
    "taken": (_m("Taken"), "circle-check", "good"),
    "undoing": (_m("Being taken back"), "loader-2", "info"),
    "undone": (_c("import", "Taken back"), "arrow-back-up", ""),
    "dropped": (_m("Dropped"), "x", ""),
}
KEPT = {
    "changed_since": _m("changed since"), "in_use": _m("in use"), "gone": _m("no longer there"),
}  # fmt: skip
GOING = ("reading", "taking", "undoing")


class ImportForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    role = fields.String(
        load_default="customer",
        validate=validate.OneOf(
            ["customer", "supplier"], labels=[_m("Customers"), _m("Suppliers")]
        ),
        metadata={"label": _m("Lines without a role are"), "input": "radio"},
    )
    file = fields.Raw(
        required=True,
        error_messages={"required": _m("Please choose a file.")},
        metadata={"label": _m("File"), "accept": ".csv,.txt,.xlsx", "input": "file"},
    )


@bp.get("/imports")
@tenant("directory.read")
def list_imports(slug: str) -> ResponseReturnValue:
    reader()
    cursor = request.args.get("cursor") or None
    found = queries.list_imports(cursor=cursor)
    return page("imports", rows=found.items, next_cursor=found.next_cursor, cursor=cursor,
                states=STATES)  # fmt: skip


@bp.get("/imports/new")
@tenant("directory.write")
def new_import(slug: str) -> ResponseReturnValue:
    writer()
    return page("import_new", form=BoundForm(ImportForm, values={"client": slug}))


@bp.post("/imports/new")
@tenant("directory.write")
def start_import(slug: str) -> ResponseReturnValue:
    actor, form, made = writer(), BoundForm(ImportForm, request.form, request.files), []

    def work() -> None:
        check_client(slug)
        sent = form.data["file"]
        made.append(
            services.start_import(
                name=sent.filename or "import.csv",
                content_type=sent.mimetype or "application/octet-stream", content=sent.read(),
                role=form.data["role"], actor=actor, now=clock.now(),
            )
        )  # fmt: skip

    if carried_out(form, work):
        return redirect(_url(slug, made[0]), 303)
    return page("import_new", form=form), form.status


@bp.get("/imports/template")
@tenant("directory.read")
def template(slug: str) -> ResponseReturnValue:
    reader()
    kind = request.args.get("kind", "xlsx")
    if kind not in KINDS:
        raise NotFound
    headings, rows = template_rows(language())
    name = text(_m("Customers and suppliers"))
    return _file(write(Sheet("directory", name, headings, rows), kind), kind, f"template.{kind}")


@bp.get("/imports/<int:import_number>")
@tenant("directory.read")
def show_import(slug: str, import_number: int) -> ResponseReturnValue:
    reader()
    row = queries.get_import_by_number(number=import_number)
    outcome, cursor = request.args.get("outcome", ""), request.args.get("cursor") or None
    outcome = outcome if outcome in OUTCOMES else ""
    kept = request.args.get("kept") == "1"
    found = queries.list_rows(import_id=row.id, outcome=outcome, kept=kept, cursor=cursor)
    ids = [one.party_id for one in found.items if one.party_id]
    counts = {"": row.rows_in, "new": row.rows_new, "changed": row.rows_changed,
              "same": row.rows_same, "rejected": row.rows_rejected}  # fmt: skip

    def here(**more: Any) -> str:
        given = {"outcome": outcome, "kept": "1" if kept else "", **more}
        return _url(slug, row, **{name: value for name, value in given.items() if value})

    return page(
        "import", row=row, state=STATES[row.state], going=row.state in GOING,
        job=get_status(tenant_id=row.tenant_id, job_id=row.job_id) if row.job_id and row.state in GOING else None,
        lines=found.items, parties=list_by_ids(ids), kept=kept, kept_labels=KEPT,
        before=_before(row), problem=_sentence(row.problem) if row.problem else "",
        reasons={one.line: [(title, _sentence(reason)) for title, reason in one.reasons]
                 for one in found.items},
        labels=LABELS, outcome_labels=OUTCOME_LABELS, outcome=outcome,
        views=[(here(outcome=name, kept=""), text(label), counts[name],
                name == outcome and not kept)
               for name, label in {"": _m("All lines"), **OUTCOME_LABELS}.items()],
        kept_url=_url(slug, row, kept=1), here=here(),
        next_url=here(cursor=found.next_cursor) if found.next_cursor else None,
        first_url=here() if cursor else None,
    )  # fmt: skip


def _before(row: PartyImport) -> int | None:
    """The number of an import of the very same file that stands."""
    if row.state != "previewed":
        return None
    found = queries.find_taken_file(sha256=row.sha256, besides=row.id)
    return found.number if found else None


def _sentence(reason: dict[str, Any]) -> str:
    return text(reason["message"], reason["params"])


@bp.post("/imports/<int:import_number>/take")
@tenant("directory.write")
def take(slug: str, import_number: int) -> ResponseReturnValue:
    actor, row = _acting(slug, import_number)
    anyway = request.form.get("anyway") == "1"
    try:
        services.take_import(party_import=row, actor=actor, now=clock.now(), anyway=anyway)
    except services.TakenBefore:
        return redirect(_url(slug, row, before=1), 303)
    return redirect(_url(slug, row), 303)


@bp.post("/imports/<int:import_number>/drop")
@tenant("directory.write")
def drop(slug: str, import_number: int) -> ResponseReturnValue:
    actor, row = _acting(slug, import_number)
    services.drop_import(party_import=row, actor=actor, now=clock.now())
    return redirect(_url(slug, row), 303)


@bp.post("/imports/<int:import_number>/undo")
@tenant("directory.write")
def undo(slug: str, import_number: int) -> ResponseReturnValue:
    actor, row = _acting(slug, import_number)
    undoing.undo_import(party_import=row, actor=actor, now=clock.now())
    return redirect(_url(slug, row), 303)


def _acting(slug: str, number: int) -> tuple[Actor, PartyImport]:
    actor, row = writer(), queries.get_import_by_number(number=number)
    BoundForm(ActForm, request.form).load()
    check_client(slug)
    return actor, row


@bp.get("/imports/<int:import_number>/rejected")
@tenant("directory.write")
def rejected(slug: str, import_number: int) -> ResponseReturnValue:
    """The rejected lines as they were sent, with a column that says why."""
    writer()
    kind = request.args.get("kind", "csv")
    row = queries.get_import_by_number(number=import_number)
    if kind not in KINDS:
        raise NotFound
    made = errors_file(row, language(), _sentence)
    return _file(write(made, kind), kind, f"rejected-{row.number}.{kind}")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content,
        mimetype=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _url(slug: str, row: PartyImport, **values: Any) -> str:
    return url_for("directory.show_import", slug=slug, import_number=row.number, **values)
