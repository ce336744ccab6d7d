"""The contract for programs."""

from typing import Any

from flask import Blueprint, g
from marshmallow import Schema, fields, validate

from app.auth.current import current_actor
from app.catalogue.known import KnownItem
from app.catalogue.lines import LINES
from app.contracts.cut_offs import MOST
from app.contracts.terms import SCOPES
from app.portal.contract_showing import contract_page
from app.service_requests.api_schemas import TargetOut
from app.service_requests.api_showing import target_rows
from tenants.core import clock
from tenants.core.schema import said
from tenants.operations import operation

bp = Blueprint("contract_api", __name__, url_prefix="/api/v1")


class CutOffOut(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(list(MOST)))
    number = fields.Integer(required=True)


class ItemTermsOut(Schema):
    item = fields.String(required=True, validate=KnownItem())
    line = fields.String(required=True, validate=validate.OneOf(list(LINES)))
    scope = fields.String(
        required=True,
        validate=validate.OneOf(SCOPES),
        metadata=said("`included`, `quota` (so many a month, then an offer) or `offer` (always)."),
    )
    quota = fields.Integer(required=True, allow_none=True)
    used = fields.Integer(required=True, metadata=said("This month, of the quota."))
    needs_offer = fields.Boolean(
        required=True, metadata=said("Whether a request raised now would need an offer first.")
    )
    input_cut_off = fields.Nested(
        CutOffOut, required=True, allow_none=True,
        metadata=said("Until when the client's inputs are in time: `month_day` and `business_day` of "
                      "the month (the one after its period, where a request has one), or `after` so "
                      "many business days."),
    )  # fmt: skip
    targets = fields.List(
        fields.Nested(TargetOut), required=True, metadata=said("In minutes of the business hours.")
    )


class ContractOut(Schema):
    company = fields.String(required=True)
    version = fields.Integer(
        required=True, allow_none=True,
        metadata=said("Null while there is no contract and the usual terms hold."),
    )  # fmt: skip
    valid_from = fields.Date(required=True, allow_none=True)
    time_zone = fields.String(required=True)
    hours = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True,
        metadata=said("Opening hours by weekday, 1 for Monday; empty for a closed day."),
    )  # fmt: skip
    closed_days = fields.List(fields.Date(), required=True, metadata=said("The next ones."))
    reminder_days = fields.List(fields.Integer(), required=True)
    items = fields.List(fields.Nested(ItemTermsOut), required=True)


@bp.get("/contract")
@operation(
    "The contract", answer=ContractOut, tag="Contract", permission="request.read",
    scope="requests:read",
    description="What is included, quotas with this month's use, targets and business hours, on "
    "the service lines that the token's holder sees.",
)  # fmt: skip
def show_contract() -> dict[str, Any]:
    page = contract_page(actor=current_actor(), country=g.identity.tenant.country, now=clock.now())
    terms = page.terms
    return {
        "company": g.identity.tenant.name,
        "version": terms.number,
        "valid_from": page.version.valid_from if page.version else None,
        "time_zone": terms.calendar.zone,
        "hours": {str(number): hours for number, (_, hours) in enumerate(page.week, 1)},
        "closed_days": [one.day for one in page.special if not one.hours],
        "reminder_days": list(terms.reminder_days),
        "items": [
            {
                "item": row.item.code, "line": row.item.line,
                "scope": terms.item_term(row.item.code).scope, "quota": row.standing.quota,
                "used": row.standing.used, "needs_offer": row.standing.needs_offer,
                "input_cut_off": terms.item_term(row.item.code).cut_off,
                "targets": target_rows(terms, row.item),
            }
            for rows in page.lines.values()
            for row in rows
        ],
    }  # fmt: skip
