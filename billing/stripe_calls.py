"""What every call to Stripe goes through: errors in our words, answers as plain dicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from billing.stripe_errors import StripeRefused, StripeUnavailable
from billing.stripe_params import Json
from tenants.core.later import Later

if TYPE_CHECKING:
    import stripe
else:
    stripe = Later("billing.stripe_library")

__all__ = ["everything", "keyed", "plain", "stripe", "translated"]


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeUnavailable(str(error)) from error
    except stripe.StripeError as error:
        status = error.http_status or 500
        if status == 409 or status >= 500:
            raise StripeUnavailable(str(error)) from error
        kind = error.error.type if error.error is not None else "unknown_error"
        raise StripeRefused(error.code or kind, error.user_message or str(error)) from error


def plain(obj: stripe.StripeObject) -> Json:
    return obj.to_dict(for_json=True)


def everything(page: stripe.ListObject[Any]) -> list[Json]:
    return [plain(row) for row in page.auto_paging_iter()]


def keyed(idempotency_key: str) -> Any:
    return {"idempotency_key": idempotency_key}
