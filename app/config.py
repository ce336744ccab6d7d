import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class SettingsError(RuntimeError):
    """A missing or contradictory setting stops the process with a sentence."""


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set. `make run` sets it; docs/deploy.md explains it.")
    return value


def _usage_sink() -> Literal["totals", "deltas"]:
    match os.environ.get("USAGE_SINK", "totals"):
        case "totals":
            return "totals"
        case "deltas":
            return "deltas"
    raise SettingsError("USAGE_SINK is totals or deltas; docs/billing.md explains both.")


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    redis_url: str
    files_url: str
    master_key: str
    base_url: str
    smtp_url: str
    stripe_api_base: str
    stripe_secret_key: str
    stripe_webhook_secrets: tuple[str, ...]
    usage_sink: Literal["totals", "deltas"]
    demo: bool
    local_folder: Path
    pool_size: int
    rate_limits: bool
    log_level: str
    hold_seconds: int
    local_webhooks: bool
    # Without a domain no mail is taken, and no address for answers is given out.
    mail_in_domain: str = ""
    mail_in_authserv_id: str = ""
    mail_in_hook_secrets: tuple[str, ...] = ()
    # Of one company, at a time.
    recurring_most: int = 200
    # Without an authority (RFC 3161) seals carry the time of our own clock.
    timestamp_url: str = ""

    @property
    def secure(self) -> bool:
        """Over plain http (loopback only) the cookie goes without prefix and Secure."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_env(cls) -> "Settings":
        settings = cls(
            database_url=_required("DATABASE_URL"),
            redis_url=_required("REDIS_URL"),
            files_url=_required("FILES_URL"),
            master_key=_required("COULISSE_MASTER_KEY"),
            base_url=_required("COULISSE_BASE_URL").rstrip("/"),
            smtp_url=_required("SMTP_URL"),
            stripe_api_base=_required("STRIPE_API_BASE"),
            stripe_secret_key=_required("STRIPE_SECRET_KEY"),
            stripe_webhook_secrets=tuple(
                part for part in _required("STRIPE_WEBHOOK_SECRET").split(",") if part
            ),
            usage_sink=_usage_sink(),
            demo=os.environ.get("COULISSE_DEMO") == "1",
            local_folder=Path(os.environ.get("COULISSE_LOCAL", ".local")),
            pool_size=int(os.environ.get("DATABASE_POOL_SIZE", "10")),
            rate_limits=os.environ.get("COULISSE_RATE_LIMITS", "1") == "1",
            log_level=os.environ.get("COULISSE_LOG_LEVEL", "INFO"),
            hold_seconds=int(os.environ.get("COULISSE_HOLD_SECONDS", "10")),
            local_webhooks=os.environ.get("COULISSE_LOCAL_WEBHOOKS") == "1",
            mail_in_domain=os.environ.get("MAIL_IN_DOMAIN", "").strip().lower(),
            mail_in_authserv_id=os.environ.get("MAIL_IN_AUTHSERV_ID", "").strip(),
            mail_in_hook_secrets=tuple(
                part for part in os.environ.get("MAIL_IN_HOOK_SECRET", "").split(",") if part
            ),
            timestamp_url=os.environ.get("COULISSE_TIMESTAMP_URL", "").strip(),
            recurring_most=int(os.environ.get("COULISSE_RECURRING_MOST", "200")),
        )
        host = settings.base_url.partition("://")[2].partition("/")[0].rpartition(":")[0]
        host = host or settings.base_url.partition("://")[2]
        loopback = host in ("127.0.0.1", "localhost", "[::1]")
        if settings.demo and not loopback:
            raise SettingsError(
                "Demo mode answers on loopback only: its passwords lie in a file. "
                "Unset COULISSE_DEMO or use http://127.0.0.1."
            )
        if settings.local_webhooks and not loopback:
            raise SettingsError(
                "Webhooks to this machine are for tests and demonstrations on loopback only. "
                "Unset COULISSE_LOCAL_WEBHOOKS."
            )
        if not settings.secure and not loopback:
            raise SettingsError("COULISSE_BASE_URL must begin with https:// off this machine.")
        return settings
