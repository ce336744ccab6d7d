"""Webhooks for programs. Secrets come in and never go out: answers are kept for repeats."""

from typing import Any
from uuid import UUID

from flask import Blueprint

from app.auth.current import current_actor
from app.webhooks import queries
from app.webhooks import schemas as shapes
from app.webhooks.services import endpoints, publishing
from tenants.core import clock
from tenants.core.pagination import Page
from tenants.operations import Answer, operation

bp = Blueprint("webhooks_api", __name__, url_prefix="/api/v1/webhooks")
TAG = "Webhooks"
READ: dict[str, Any] = {"tag": TAG, "permission": "webhook.read", "scope": "webhooks:read"}
WRITE: dict[str, Any] = {
    "tag": TAG, "permission": "webhook.manage", "scope": "webhooks:write", "refusals": (409, 422),
}  # fmt: skip
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the standard's own example
EXAMPLE = {
    "url": "https://hooks.example.com/coulisse", "description": "ERP",
    "kinds": ["request.delivered", "request.approval_asked"], "lines": ["finance"],
}  # fmt: skip
CHECKING = (
    "Messages follow Standard Webhooks: `webhook-signature` holds `v1,` and the base64 of the "
    "HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}` with the bytes behind `whsec_`; "
    "several are separated by blanks. Answer with a 2xx within 10 seconds, and ignore a "
    "`webhook-id` that you had before. Anything else is tried again for three days; a 410 "
    "switches the webhook off."
)


@bp.get("")
@operation(
    "List the webhooks", form="list", answer=shapes.EndpointOut, description=CHECKING, **READ
)
def list_webhooks() -> list[Any]:
    return list(queries.list_endpoints())


@bp.post("")
@operation(
    "Set up a webhook", body=shapes.NewEndpointWithSecretIn, answer=shapes.EndpointOut, status=201,
    description=CHECKING, example={**EXAMPLE, "secret": SECRET}, **WRITE,
)  # fmt: skip
def create_webhook(body: dict[str, Any]) -> Answer:
    made = endpoints.create_endpoint(actor=current_actor(), now=clock.real_now(), **body)
    return Answer(made.row, location=f"/api/v1/webhooks/{made.row.id}")


@bp.get("/<uuid:webhook_id>")
@operation("Show a webhook", answer=shapes.EndpointOut, **READ)
def show_webhook(webhook_id: UUID) -> Any:
    return queries.get_endpoint(endpoint_id=webhook_id)


@bp.post("/<uuid:webhook_id>")
@operation("Change a webhook", body=shapes.NewEndpointIn, answer=shapes.EndpointOut,
           description="All of it is replaced.", example=EXAMPLE, **WRITE)  # fmt: skip
def change_webhook(webhook_id: UUID, body: dict[str, Any]) -> Any:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    endpoints.change_endpoint(endpoint=row, actor=current_actor(), now=clock.real_now(), **body)
    return row


@bp.post("/<uuid:webhook_id>/secret")
@operation(
    "Change the secret", body=shapes.SecretIn, answer=shapes.EndpointOut,
    description="For 24 hours the one before signs beside it.", example={"secret": SECRET}, **WRITE,
)  # fmt: skip
def change_webhook_secret(webhook_id: UUID, body: dict[str, Any]) -> Any:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    endpoints.rotate_secret(endpoint=row, actor=current_actor(), now=clock.real_now(), **body)
    return row


@bp.post("/<uuid:webhook_id>/switch")
@operation(
    "Switch a webhook on or off", body=shapes.SwitchIn, answer=shapes.EndpointOut,
    description="What happens while it is off is not sent later.", example={"on": True}, **WRITE,
)  # fmt: skip
def switch_webhook(webhook_id: UUID, body: dict[str, Any]) -> Any:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    endpoints.switch_endpoint(
        endpoint=row, on=body["on"], actor=current_actor(), now=clock.real_now()
    )
    return row


@bp.post("/<uuid:webhook_id>/test")
@operation("Send a test message", answer=shapes.SentMessageOut, status=201, **WRITE)
def test_webhook(webhook_id: UUID) -> Any:
    row, actor = queries.get_endpoint(endpoint_id=webhook_id), current_actor()
    message_id = publishing.send_test(endpoint=row, actor=actor, now=clock.real_now())
    return queries.get_message(endpoint_id=row.id, message_id=message_id, actor=actor)


@bp.get("/<uuid:webhook_id>/messages")
@operation("List the messages, newest first", form="page", query=shapes.PageQuery,
           answer=shapes.SentMessageOut, description="They are kept for 30 days.", **READ)  # fmt: skip
def list_webhook_messages(webhook_id: UUID, query: dict[str, Any]) -> Page[Any]:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    return queries.list_messages(endpoint_id=row.id, actor=current_actor(), **query)


@bp.get("/<uuid:webhook_id>/messages/<uuid:message_id>")
@operation("Show a message with its tries", answer=shapes.SentMessageDetail, **READ)
def show_webhook_message(webhook_id: UUID, message_id: UUID) -> Any:
    return _with_attempts(webhook_id, message_id)


@bp.post("/<uuid:webhook_id>/messages/<uuid:message_id>/replay")
@operation(
    "Send a message again", answer=shapes.SentMessageDetail, status=202, **WRITE,
    description="Under the same `webhook-id`, signed with the current secret. It is tried once.",
)  # fmt: skip
def replay_webhook_message(webhook_id: UUID, message_id: UUID) -> Any:
    actor = current_actor()
    publishing.replay(
        endpoint=queries.get_endpoint(endpoint_id=webhook_id),
        message=queries.get_message(endpoint_id=webhook_id, message_id=message_id, actor=actor),
        actor=actor, now=clock.real_now(),
    )  # fmt: skip
    return _with_attempts(webhook_id, message_id)


@bp.post("/<uuid:webhook_id>/delete")
@operation("Delete a webhook", answer=shapes.EndpointOut, **WRITE)
def delete_webhook(webhook_id: UUID) -> Any:
    row = queries.get_endpoint(endpoint_id=webhook_id)
    endpoints.delete_endpoint(endpoint=row, actor=current_actor(), now=clock.real_now())
    return row


def _with_attempts(webhook_id: UUID, message_id: UUID) -> dict[str, Any]:
    row = queries.get_message(endpoint_id=webhook_id, message_id=message_id, actor=current_actor())
    shown = {
        name: getattr(row, name) for name in shapes.SentMessageOut().fields if name != "webhook_id"
    }
    attempts = queries.list_attempts(message_ids=[row.id])[row.id]
    return {**shown, "public_id": row.public_id, "attempts": attempts}
