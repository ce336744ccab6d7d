"""Customers and suppliers for programs: the same services as the pages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint

from app.auth.current import current_actor
from app.directory import api_schemas as shapes
from app.directory import queries, rights
from app.directory.data import ACCOUNT_FIELDS, FIELDS, made
from app.directory.importing import queries as import_queries
from app.directory.importing import services, undoing
from app.directory.importing.models import PartyImport
from app.directory.models import Party
from app.directory.services import parties
from app.directory.showing import data_of
from app.web.api.reading import SentFile, require_version
from app.web.i18n import text
from tenants.core import clock
from tenants.core.pagination import Page
from tenants.operations import Answer, operation

bp = Blueprint("directory_api", __name__, url_prefix="/api/v1")
TAG = "Directory"
READ: dict[str, Any] = {"tag": TAG, "permission": "directory.read", "scope": "directory:read"}
WRITE: dict[str, Any] = {"tag": TAG, "permission": "directory.write", "scope": "directory:write"}
EXAMPLE = {
    "name": "Moulin du Lac SAS", "customer": True, "siren": "732829320", "vat": "FR44732829320",
    "billing_street": "rue du Lac", "billing_house_number": "12", "billing_postcode": "74000",
    "billing_city": "Annecy", "billing_country": "FR", "endpoint_scheme": "0225",
    "endpoint_value": "732829320", "payment_days": 30,
}  # fmt: skip


@bp.get("/parties")
@operation("List customers and suppliers by name", form="page", query=shapes.PartyQuery,
           answer=shapes.PartyOut, **READ)  # fmt: skip
def list_parties(query: dict[str, Any]) -> Page[Any]:
    rights.require_reader(current_actor())
    found = queries.list_parties(search=query.pop("q", ""), **query)
    return Page(shown(found.items), found.next_cursor)


def shown(rows: Sequence[Party]) -> list[dict[str, Any]]:
    parts = queries.load_parts([row.id for row in rows])
    return [_row(row, parts[row.id]) for row in rows]


def _row(row: Party, parts: queries.Parts) -> dict[str, Any]:
    data = data_of(row, parts)
    own = {name: getattr(data, name) for name in FIELDS if name not in ACCOUNT_FIELDS}
    return own | {
        "id": row.id, "number": row.number, "version": row.version, "state": row.state,
        "merged_into": row.merged_into, "changed_at": row.changed_at, "accounts": parts.accounts,
        "addresses": parts.addresses, "contacts": parts.contacts, "endpoints": parts.endpoints,
    }  # fmt: skip


@bp.post("/parties")
@operation(
    "Create a customer or supplier", body=shapes.NewPartyIn, answer=shapes.PartyOut, status=201,
    refusals=(409, 422), example=EXAMPLE, **WRITE,
    description="Whom the directory has already by one of its numbers is refused (409).",
)  # fmt: skip
def create_party(body: dict[str, Any]) -> Answer:
    row = parties.create_party(
        data=made(body), anyway=body["anyway"], actor=current_actor(), now=clock.now()
    )
    return Answer(shown([row])[0], version=row.version, location=f"/api/v1/parties/{row.id}")


@bp.get("/parties/<uuid:party_id>")
@operation("Show a customer or supplier", answer=shapes.PartyOut, **READ)
def show_party(party_id: UUID) -> Answer:
    rights.require_reader(current_actor())
    row = queries.get_party(party_id=party_id)
    return Answer(shown([row])[0], version=row.version)


@bp.post("/parties/<uuid:party_id>")
@operation(
    "Change a customer or supplier", body=shapes.PartyIn, answer=shapes.PartyOut, versioned=True,
    refusals=(409, 412, 422), example=EXAMPLE, **WRITE,
    description="All of it is replaced but its bank accounts and what it has several of beside the "
    "main ones.",
)  # fmt: skip
def change_party(party_id: UUID, body: dict[str, Any], expected_version: int | None) -> Answer:
    rights.require_reader(current_actor())
    row = queries.get_party(party_id=party_id)
    require_version(row.version, expected_version)
    parties.update_party(
        party=row, data=made(body), expected_version=expected_version, actor=current_actor(),
        now=clock.now(),
    )  # fmt: skip
    return Answer(shown([row])[0], version=row.version)


@bp.post("/party-imports")
@operation(
    "Send a list of customers and suppliers", upload=True, query=shapes.ImportQuery,
    answer=shapes.ImportOut, status=201, refusals=(413, 422), **WRITE,
    description="CSV or XLSX. It is read first: look at it until its state is `previewed`, then "
    "take it.",
)  # fmt: skip
def send_import(sent: SentFile) -> Answer:
    row = services.start_import(
        name=sent.name, content_type=sent.content_type, content=sent.content, role="customer",
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return Answer(_import(row), location=f"/api/v1/party-imports/{row.id}")


@bp.get("/party-imports/<uuid:import_id>")
@operation("Show an import", answer=shapes.ImportOut, **READ)
def show_import(import_id: UUID) -> dict[str, Any]:
    return _import(_opened(import_id))


@bp.get("/party-imports/<uuid:import_id>/rows")
@operation("List what became of each line", form="page", query=shapes.ImportRowQuery,
           answer=shapes.ImportRowOut, **READ)  # fmt: skip
def list_import_rows(import_id: UUID, query: dict[str, Any]) -> Page[Any]:
    found = import_queries.list_rows(import_id=_opened(import_id).id, **query)
    names = ("line", "outcome", "name", "party_id", "changes", "undo")
    rows = [
        {name: getattr(one, name) for name in names}
        | {"reasons": [
            {"column": title, "reason": text(reason["message"], reason["params"])}
            for title, reason in one.reasons
        ]}
        for one in found.items
    ]  # fmt: skip
    return Page(rows, found.next_cursor)


@bp.post("/party-imports/<uuid:import_id>/take")
@operation("Take an import into the directory", answer=shapes.ImportOut, status=202,
           refusals=(409,), **WRITE)  # fmt: skip
def take_import(import_id: UUID) -> dict[str, Any]:
    row = _opened(import_id)
    services.take_import(party_import=row, actor=current_actor(), now=clock.now())
    return _import(row)


@bp.post("/party-imports/<uuid:import_id>/undo")
@operation(
    "Take an import back", answer=shapes.ImportOut, status=202, refusals=(409,), **WRITE,
    description="What is in use or was changed since stays, and its row says so.",
)  # fmt: skip
def undo_import(import_id: UUID) -> dict[str, Any]:
    row = _opened(import_id)
    undoing.undo_import(party_import=row, actor=current_actor(), now=clock.now())
    return _import(row)


def _opened(import_id: UUID) -> PartyImport:
    rights.require_reader(current_actor())
    return import_queries.get_import(import_id=import_id)


def _import(row: PartyImport) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in shapes.ImportOut().fields if name != "problem"}
    problem = text(row.problem["message"], row.problem["params"]) if row.problem else ""
    return shown | {"problem": problem}
