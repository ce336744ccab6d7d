"""Puts the product together. The edge of every request: who, which scope, one transaction."""

import gc
import importlib
import logging as std_logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as BaseResponse

from app.administration.customer_files.panel import init_customer_files
from app.auth import bearer, cookies
from app.auth.current import current_identity, init_login
from app.auth.identity import Identity, TenantContext, find_identity, find_token_holder
from app.config import Settings
from app.documents.sealing.services import use_authority
from app.finance.sales_invoices.preview import init_invoice_preview
from app.finance.sales_invoices.requests.usage import init_invoice_source
from app.finance.sales_invoices.services.rechecked import init_invoice_checks
from app.finance.sales_invoices.subscription import init_subscription_files
from app.finance.sales_invoices.uses import init_invoice_uses
from app.notifications.subscription import init_subscription_mails
from app.service_requests.telling import init_telling
from app.service_requests.usage_sources import init_usage_sources
from app.web import assets, csrf, errors, headers, i18n, limits, loopback, metrics, refusals, shell
from app.web.api.running import init_api
from app.webhooks import sending
from billing import connection
from billing.adjustments.queries import init_adjustment_sources
from billing.contests.source import init_contest_source
from billing.gateway import StripeGateway
from billing.limits.services import require_room
from tenants import keys, scoping
from tenants.access import refusal
from tenants.core import clock, logging
from tenants.core.db import db, unit_of_work
from tenants.core.errors import Forbidden, NotFound, Unauthorized
from tenants.core.ids import uuid7
from tenants.endpoints import EndpointScope, scope_of
from tenants.models import PROVIDER_TENANT
from tenants.uploads import limit_room

log = std_logging.getLogger(__name__)

# The blueprints, in the order of the imports' direction.
VIEWS = (
    "app.web.assets",
    "app.auth.views",
    "app.notifications.views",
    "app.health",
    "billing.webhooks",
    "app.mail_in.hook",
    "app.tokens.views",
    "app.directory.views",
    "app.webhooks.views",
    "app.documents.verifying.views",
    "app.documents.templating.views",
    "app.documents.views",
    "app.documents.slips.views",
    "app.timesheets.views",
    "app.service_requests.views",
    "app.service_requests.views.recurring",
    "app.service_requests.views.playbooks",
    "app.service_requests.views.assignment",
    "app.service_requests.views.rating",
    "app.mail_in.views",
    "app.administration.customer_files.views",
    "app.administration.letters.views",
    "app.finance.views",
    "app.finance.views.rules",
    "app.finance.sales_invoices.views",
    "app.service_levels.views",
    "app.service_levels.views.overview",
    "app.reporting.views",
    "app.reporting.views.overview",
    "app.subscription.views",
    "app.portal.views",
    "app.portal.contract",
    "app.guests.views",
    "app.desk.views",
    "app.desk.views.overview",
    "app.documents.api",
    "app.directory.api",
    "app.directory.api_parts",
    "app.service_requests.api",
    "app.service_requests.recurring.api",
    "app.finance.api",
    "app.finance.sales_invoices.api",
    "app.finance.sales_invoices.api_files",
    "app.finance.sales_invoices.batches.api",
    "billing.api",
    "app.reporting.api",
    "app.portal.api",
    "app.webhooks.api",
    "app.api.views",
    "app.people.views",
    "app.provider.views",
    "app.jobs.views",
)


# Kinds of endpoints that the provider's administrators alone may have.
ADMINISTRATION = ("provider", "company", "new_company")


class Coulisse(Flask):
    scopes: dict[str, EndpointScope]

    def dispatch_request(self) -> ResponseReturnValue:
        """Commit below 400, roll back otherwise; errors roll back before their page renders."""
        with unit_of_work() as session:
            response = self.make_response(super().dispatch_request())
            if response.status_code >= 400:
                session.rollback()
        for note in refusals.taken():
            with unit_of_work():
                note()
        return response

    def handle_user_exception(self, e: Exception) -> BaseResponse | ResponseReturnValue:
        db.session.rollback()
        return super().handle_user_exception(e)


def import_views() -> None:
    """All that an application is made of, so that processes which are forked then share it."""
    for name in VIEWS:
        importlib.import_module(name)


def create_app(settings: Settings | None = None) -> Coulisse:
    """Looking for garbage meanwhile would take a fifth of the time: there is hardly any."""
    looks = gc.isenabled()
    gc.disable()
    try:
        return _made(settings or Settings.from_env())
    finally:
        if looks:
            gc.enable()


def _made(settings: Settings) -> Coulisse:
    logging.configure(settings.log_level)
    app = Coulisse("app", static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # A failed statement is logged without its values: hashes, addresses, what people wrote.
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.pool_size,
            "max_overflow": 0,
            "hide_parameters": True,
        },
        MAX_CONTENT_LENGTH=25 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SETTINGS=settings,
    )
    db.init_app(app)
    metrics.init_metrics(app)
    keys.use(settings.master_key)
    connection.use(
        StripeGateway(
            settings.stripe_secret_key,
            settings.stripe_api_base,
            settings.stripe_webhook_secrets,
            usage_sink=settings.usage_sink,
        )
    )
    sending.use(local=settings.local_webhooks)
    use_authority(settings.timestamp_url)
    init_usage_sources()
    init_adjustment_sources()
    init_contest_source()
    init_invoice_source()
    init_invoice_checks()
    init_telling()
    init_subscription_mails()
    init_subscription_files()
    init_invoice_preview()
    init_invoice_uses()
    init_customer_files()
    limit_room(require_room)
    clock.follow_offset_file(settings.local_folder / "clock-offset" if settings.demo else None)
    assets.init_assets(app)
    headers.init_headers(app)
    limits.init_limits(app, settings)
    init_login(app)
    i18n.init_i18n(app, current_person=current_identity)
    shell.init_shell(app, current_person=current_identity)
    errors.register_error_handlers(app)
    for name in VIEWS:
        app.register_blueprint(importlib.import_module(name).bp)
    init_api(app)
    app.scopes = {name: scope_of(view) for name, view in app.view_functions.items()}
    app.before_request(_open)
    app.teardown_request(_close)
    return app


def _open() -> ResponseReturnValue | None:
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or uuid7().hex
    logging.bind(request_id=g.request_id)
    if current_app.config["SETTINGS"].demo:
        loopback.refuse_strangers(request)
    if request.endpoint is None:
        return None
    if "\0" in request.path:
        raise NotFound
    scope: EndpointScope = _app_scopes()[request.endpoint]
    csrf.refuse_cross_site(request, exempt=scope.cross_site)
    if scope.kind in ("asset", "public"):
        return None
    return (_admit_token if scope.kind == "api" else _admit_session)(scope)


def _admit_session(scope: EndpointScope) -> ResponseReturnValue | None:
    identity = _identify(
        (request.view_args or {}).get("slug"), administering=scope.kind in ADMINISTRATION
    )
    if identity is None:
        return _ask("auth.sign_in")
    g.identity = identity
    if scope.kind == "signed_in":
        scoping.enter(scoping.Scope(tenant_id=PROVIDER_TENANT, user_id=identity.user_id))
        return None
    if not identity.complete:
        return _ask("auth.confirm" if identity.has_second_factor else "auth.enrol")
    _admit(scope, identity)
    return None


def _admit(scope: EndpointScope, identity: Identity) -> None:
    g.actor = identity.actor(address=request.remote_addr or "", request_id=g.request_id)
    if scope.kind == "account":
        scoping.enter(scoping.Scope(tenant_id=PROVIDER_TENANT, user_id=identity.user_id))
        return
    if scope.kind == "staff":
        if not identity.is_staff or not g.actor.can(scope.permission or ""):
            raise Forbidden
        scoping.enter(
            scoping.Scope(tenant_id=PROVIDER_TENANT, user_id=identity.user_id, side="provider")
        )
        return
    if scope.kind in ADMINISTRATION:
        _administer(scope, identity)
        return
    if identity.tenant is None:
        raise NotFound
    logging.bind(tenant=str(identity.tenant.id))
    if not g.actor.can(scope.permission or ""):
        raise Forbidden
    _refuse_by_subscription(scope, identity.tenant)
    scoping.enter(
        scoping.Scope(tenant_id=identity.tenant.id, user_id=identity.user_id, side=identity.side)
    )


def _admit_token(scope: EndpointScope) -> None:
    """The token says whose person and which client; a cookie counts for nothing here."""
    token_hash = bearer.token_hash_of(request)
    identity = _read(lambda: find_token_holder(token_hash=token_hash))
    if identity is None or identity.tenant is None:
        raise bearer.TokenRefused
    g.identity = identity
    g.actor = identity.actor(address=request.remote_addr or "", request_id=g.request_id)
    logging.bind(tenant=str(identity.tenant.id))
    bearer.check_scope(scope, identity)
    if scope.permission is not None and not g.actor.can(scope.permission):
        raise Forbidden
    _refuse_by_subscription(scope, identity.tenant)
    scoping.enter(
        scoping.Scope(tenant_id=identity.tenant.id, user_id=identity.user_id, side=identity.side)
    )


def _refuse_by_subscription(scope: EndpointScope, company: TenantContext) -> None:
    if scope.always:
        return
    refused = refusal(company.access, writes=request.method not in ("GET", "HEAD"))
    if refused is not None:
        raise refused


def _administer(scope: EndpointScope, identity: Identity) -> None:
    if not identity.is_staff or not g.actor.can(scope.permission or ""):
        raise Forbidden
    if scope.kind == "provider":
        tenant_id, side = PROVIDER_TENANT, "provider"
    elif scope.kind == "new_company":
        tenant_id, side = uuid7(), "administration"
    elif identity.administered is not None:
        tenant_id, side = identity.administered.id, "administration"
    else:
        raise NotFound
    logging.bind(tenant=str(tenant_id))
    g.actor = replace(g.actor, tenant_id=tenant_id)
    scoping.enter(scoping.Scope(tenant_id=tenant_id, user_id=identity.user_id, side=side))


def _identify(slug: str | None, *, administering: bool = False) -> Identity | None:
    token_hash = cookies.token_hash_of(request)
    if token_hash is None:
        return None
    return _read(
        lambda: find_identity(token_hash=token_hash, slug=slug, administering=administering)
    )


def _read(find: Callable[[], Identity | None]) -> Identity | None:
    try:
        return find()
    except OperationalError as error:
        # A connection that died in the pool: nothing was written yet, so try once more.
        if not error.connection_invalidated:
            raise
    return find()


def _ask(endpoint: str) -> ResponseReturnValue:
    if request.method in ("GET", "HEAD") and not headers.wants_fragment():
        back = request.full_path.rstrip("?")
        return redirect(url_for(endpoint, next=back if back != "/" else None), 303)
    raise Unauthorized


def _app_scopes() -> dict[str, EndpointScope]:
    scopes: dict[str, EndpointScope] = current_app.scopes  # type: ignore[attr-defined]
    return scopes


def _close(_error: Any) -> None:
    logging.clear()
