"""What the provider says of itself on its own invoices, and what that lacks."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.directory.country_names import country_choices
from app.finance.masking import mask_accounts
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.seller import iban_of
from app.finance.sales_invoices.services import settings
from app.finance.sales_invoices.subscription_sides import gaps_of_provider
from app.provider.invoicing_form import ProviderInvoicing
from app.provider.views.blueprint import bp
from app.web.forms import BoundForm
from app.web.i18n import language
from app.web.limits import limiter
from app.web.submitting import carried_out
from tenants.core import clock
from tenants.endpoints import provider
from tenants.queries import get_tenant


def _person() -> str:
    return str(current_actor().user_id)


@bp.get("/billing/invoicing")
@provider("provider.administer")
def invoicing() -> ResponseReturnValue:
    return _page(BoundForm(ProviderInvoicing, values=_known(), choices=_choices()))


@bp.post("/billing/invoicing")
@limiter.limit("12/minute;60/hour", key_func=_person)
@provider("provider.administer")
def change_invoicing() -> ResponseReturnValue:
    form = BoundForm(ProviderInvoicing, request.form, choices=_choices())

    def work() -> None:
        values, actor, real_now = dict(form.data), current_actor(), clock.real_now()
        code = values.pop("code")
        if not values.get("iban"):
            values.pop("iban", None)
        confirmed = settings.confirmed(values=values, code=code, actor=actor, real_now=real_now)
        settings.set_provider_settings(
            values=values, actor=confirmed, now=clock.now(), real_now=real_now
        )

    if carried_out(form, work):
        return redirect(url_for("provider.invoicing", done=1), 303)
    return _page(form)


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {"country": country_choices(language())}


def _known() -> dict[str, Any]:
    row = queries.find_settings()
    if row is not None:
        return {name: getattr(row, name) for name in settings.PLAIN}
    company = get_tenant()
    return {
        "name": company.name, "country": company.country, "vat_id": company.vat_id,
        "legal_id": company.registration_number if company.country == "FR" else "",
        "legal_text": company.legal_form,
    }  # fmt: skip


def _page(form: BoundForm) -> ResponseReturnValue:
    row = queries.find_settings()
    page = render_template(
        "provider/billing_invoicing.html", form=form, kept=row,
        iban=mask_accounts(iban_of(row)) if row else "", gaps=gaps_of_provider(row),
        done=request.args.get("done", ""),
    )  # fmt: skip
    return page, form.status
