"""What never arrived: calls to Stripe, jobs, hours and events that were given up."""

from datetime import UTC, datetime
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.provider.billing import words
from app.provider.billing.forms import AsideReason
from app.provider.billing.sheets import csv_answer
from app.provider.views.blueprint import bp
from app.provider.views.common import who
from app.service_requests.presenting import span
from app.web.forms import BoundForm
from app.web.i18n import text
from app.web.submitting import carried_out
from billing.figures import queries, services
from tenants.core import clock
from tenants.core.errors import Conflict, NotFound
from tenants.core.text import _m
from tenants.endpoints import company, provider


@bp.get("/billing/letters")
@provider("provider.administer")
def billing_letters() -> ResponseReturnValue:
    return _page()


@bp.post("/billing/letters/<event_id>/again")
@provider("provider.administer")
def unpark_event(event_id: str) -> ResponseReturnValue:
    _parked(event_id)
    try:
        services.unpark(event_id=event_id, **who())
    except Conflict as error:
        return make_response(_page(refused=error), 409)
    return redirect(url_for("provider.billing_letters", done="unparked"), 303)


@bp.post("/billing/letters/<event_id>/aside")
@provider("provider.administer")
def put_event_aside(event_id: str) -> ResponseReturnValue:
    _parked(event_id)
    form = BoundForm(AsideReason, request.form, prefix=f"aside-{event_id}")
    if carried_out(
        form, lambda: services.put_aside(event_id=event_id, reason=form.data["reason"], **who())
    ):
        return redirect(url_for("provider.billing_letters", done="aside"), 303)
    return make_response(_page(failed={event_id: form}), form.status)


@bp.post("/companies/<slug>/billing/send-again")
@company("provider.administer")
def send_hour_again(slug: str) -> ResponseReturnValue:
    try:
        hour = datetime.fromtimestamp(int(request.form.get("hour", "")), UTC)
    except (ValueError, OverflowError, OSError):
        raise NotFound from None
    services.send_rejected_again(meter=request.form.get("meter", ""), hour=hour, **who())
    return redirect(url_for("provider.billing_letters", done="hour"), 303)


SAID = {
    "unparked": _m("The event is with its company now and is looked at."),
    "aside": _m("The event is put aside. The reason stands in the audit."),
    "hour": _m("The hour is on its way to Stripe again. What Stripe refuses once more comes back here."),
}  # fmt: skip
_COLUMNS = (_m("What"), _m("Company"), _m("Number"), _m("Reason"), _m("Given up"))


def _parked(event_id: str) -> None:
    if all(row["event_id"] != event_id for row in queries.list_parked_events()):
        raise NotFound


def _page(
    failed: dict[str, BoundForm] | None = None, refused: Conflict | None = None
) -> ResponseReturnValue:
    now = clock.real_now()
    names = {one["tenant_id"]: one for one in queries.list_companies(now=clock.now())}
    jobs, hours = queries.list_dead_jobs(), queries.list_rejected_hours()
    events = queries.list_parked_events()
    if request.args.get("as") == "csv":
        return csv_answer("dead-letters", _COLUMNS, [
            *((row["verb"] or row["name"], names[row["tenant_id"]]["name"], row["job_id"],
               row["reason"], row["finished_at"]) for row in jobs),
            *((text(words.meter_name(row["meter_key"])), names[row["tenant_id"]]["name"],
               row["hour"].isoformat(), row["reason"], None) for row in hours),
            *((row["type"], names[row["owner"]]["name"] if row["owner"] in names else None,
               row["event_id"], row["customer_id"], row["received_at"]) for row in events),
        ])  # fmt: skip
    forms = {row["event_id"]: (failed or {}).get(row["event_id"])
             or BoundForm(AsideReason, prefix=f"aside-{row['event_id']}") for row in events}  # fmt: skip

    def age(at: datetime | None) -> Any:
        return span(max(0, int((now - at).total_seconds() // 60))) if at else "–"

    return render_template(
        "provider/billing_letters.html", names=names, jobs=jobs, hours=hours, events=events,
        forms=forms, age=age, meter_name=words.meter_name, refused=refused, failed=failed or {},
        said=SAID.get(request.args.get("done", "")),
    )  # fmt: skip
