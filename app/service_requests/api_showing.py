"""Requests, files and catalogue items as the JSON API shows them."""

from functools import cache
from typing import Any

from flask import g, url_for

from app.auth.current import current_actor
from app.catalogue.item import CatalogueItem
from app.contracts.offered import PRIORITIES
from app.contracts.terms import ContractTerms
from app.service_requests.catalogue import item_of
from app.service_requests.models import ServiceRequest
from app.service_requests.transitions import seen_by
from app.web.api.json_schema import schema_of
from app.web.i18n import text
from tenants.core.schema import moment_text


def detail(row: ServiceRequest) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in _COLUMNS}
    shown["state"] = seen_by(current_actor().side, row.state)
    return shown | {"approval": _approval(row), "page": url_for(
        "service_requests.show", slug=g.identity.tenant.slug, number=row.number,
    )}  # fmt: skip


_COLUMNS = (
    "number", "item", "line", "title", "state", "priority", "version", "raised_by_name",
    "raised_side", "raised_at", "state_since", "due_at", "delivered_at", "form",
    "scope", "requester_name", "planned_for", "waiting_for", "proposed_priority", "reopened_count",
    "closed_at", "inputs_due_on",
)  # fmt: skip


def _approval(row: ServiceRequest) -> str:
    if not item_of(row).gated:
        return "none"
    return "given" if row.delivered_at is not None else "due"


def request_row(row: Any) -> dict[str, Any]:
    """As `api_schemas.RequestOut` says it."""
    return {
        "number": row.number,
        "item": row.item,
        "line": row.line,
        "title": row.title,
        "state": row.state,
        "priority": row.priority,
        "version": row.version,
        "raised_by": row.raised_by_name,
        "raised_at": moment_text(row.raised_at),
        "state_since": moment_text(row.state_since),
        "due_at": moment_text(row.due_at),
    }


def request_row_for_reader(row: Any) -> dict[str, Any]:
    return request_row(row) | {"state": seen_by(current_actor().side, row.state)}


def link_row(one: Any) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "onward": one.onward,
        "title": one.title,
        "state": seen_by(current_actor().side, one.state),
        "at": one.at,
    }


def file_row(row: Any, kind: str) -> dict[str, Any]:
    result = kind == "result"
    return {
        "id": row.file_id if result else row.id,
        "name": row.name,
        "size": row.size,
        "content_type": row.content_type,
        "sha256": row.sha256,
        "kind": kind,
        "slot": "" if result else row.slot,
        "added_by": row.added_by_name,
        "at": row.at,
        "current": not result or row.superseded_at is None,
    }


def target_rows(terms: ContractTerms, item: CatalogueItem) -> list[dict[str, Any]]:
    found = {one: terms.target(item.line, item.code, one) for one in PRIORITIES}
    return [
        {"priority": priority, "first_response_minutes": target.first_response,
         "resolution_minutes": target.resolution}
        for priority, target in found.items()
    ]  # fmt: skip


def item_row(item: CatalogueItem, terms: ContractTerms) -> dict[str, Any]:
    return {
        "code": item.code,
        "line": item.line,
        "title": text(item.title),
        "summary": text(item.summary),
        "needs_approval": item.gated,
        "targets": target_rows(terms, item),
        "form_schema": _form_schema(item),
        "files": [
            {"name": slot.name, "label": text(slot.label), "help": text(slot.help),
             "accept": slot.accept, "required": slot.required}
            for slot in item.files
        ],
    }  # fmt: skip


@cache
def _form_schema(item: CatalogueItem) -> dict[str, Any]:
    return schema_of(item.schema)
