"""Rate limits: in Redis, in memory while it is away."""

from flask import Flask, Response, request
from flask_limiter import Limiter

from app.config import Settings


def _address() -> str:
    return request.remote_addr or "unknown"


limiter = Limiter(key_func=_address)


def account_and_address() -> str:
    """Per account and address at sign-in: neither locks the other out."""
    return f"{request.form.get('email', '').strip().lower()[:254]}|{_address()}"


def refused(response: Response) -> bool:
    """For limits that count failed attempts alone: many people may share an address."""
    return response.status_code >= 400


def init_limits(app: Flask, settings: Settings) -> None:
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=_storage(settings.redis_url),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_KEY_PREFIX="coulisse",
    )
    limiter.init_app(app)


def _storage(redis_url: str) -> str:
    return redis_url.replace("unix://", "redis+unix://", 1)
