"""Where a mail server hands a mail over by HTTP: one recipient a call, answered once it is kept."""

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from app.mail_in.addresses import parse
from app.mail_in.queries import find_tenant_of
from app.mail_in.reading.message import LARGEST
from app.mail_in.services.receiving import receive
from app.mail_in.signing import is_signed
from tenants import scoping
from tenants.core import clock
from tenants.core.db import unit_of_work
from tenants.core.errors import TooLarge, TooMany
from tenants.endpoints import webhook

bp = Blueprint("mail_hook", __name__)


@bp.post("/hooks/mail")
@webhook
def take() -> ResponseReturnValue:
    """200 kept, 401 not signed by our mail server, 404 nobody's address, 413 and 429 as they say."""
    settings = current_app.config["SETTINGS"]
    request.max_content_length = LARGEST
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return "", 413
    mail_from, rcpt_to = _header("X-Mail-From"), _header("X-Rcpt-To")
    if not is_signed(
        _header("X-Coulisse-Signature"), settings.mail_in_hook_secrets,
        now=int(clock.real_now().timestamp()), timestamp=_header("X-Coulisse-Timestamp"),
        mail_from=mail_from, rcpt_to=rcpt_to, raw=raw,
    ):  # fmt: skip
        return "", 401
    recipient = parse(rcpt_to, domain=settings.mail_in_domain)
    if recipient is None:
        return "", 404
    with unit_of_work():
        owner = find_tenant_of(recipient)
    scoping.leave()
    if owner is None:
        return "", 404
    scoping.enter(scoping.Scope(tenant_id=owner, side="provider"))
    try:
        receive(
            raw=raw, envelope_from=mail_from, recipient=recipient, source="hook", now=clock.now()
        )
    except (TooLarge, TooMany) as error:
        return "", error.status
    return "", 200


def _header(name: str) -> str:
    return request.headers.get(name, "")
