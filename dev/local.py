"""What the processes of `make run` are told: addresses, keys, folders."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.engines import Urls


@dataclass(frozen=True)
class Ports:
    web: int
    lmtp: int
    stripe: int
    smtp: int
    mail: int
    # of each process that tells Prometheus of itself, by its name
    metrics: Mapping[str, int] = field(default_factory=dict)


def kept_secrets(file: Path) -> dict[str, str]:
    """Made once: losing the master key would make what it encrypted unreadable."""
    if file.exists():
        known: dict[str, str] = json.loads(file.read_text())
    else:
        known = {}
    made = {
        "COULISSE_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "STRIPE_SECRET_KEY": f"sk_test_sim{secrets.token_hex(16)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
        "MAIL_IN_HOOK_SECRET": secrets.token_hex(24),
    } | known
    if made != known:
        _write_private(file, made)
    return made


def write_environment(file: Path, env: Mapping[str, str]) -> None:
    """What the running product was told beyond the caller's environment, so that `coulisse` joins
    it from another terminal."""
    told = {name: value for name, value in env.items() if os.environ.get(name) != value}
    _write_private(file, told)


def _write_private(file: Path, values: Mapping[str, str]) -> None:
    partial = file.with_suffix(".new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(values, out, indent=2)
    partial.replace(file)


def child_environment(
    given: Mapping[str, str], *, local: Path, ports: Ports, urls: Urls
) -> dict[str, str]:
    """What the caller's environment sets stays; the rest is filled in."""
    base = f"http://127.0.0.1:{ports.web}"
    ours = {
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "DATABASE_DISPATCHER_URL": urls.dispatcher,
        "REDIS_URL": urls.redis,
        "STRIPE_API_BASE": f"http://127.0.0.1:{ports.stripe}",
        "SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}",
        "FILES_URL": f"file://{local / 'files'}",
        "COULISSE_BASE_URL": base,
        "COULISSE_DEMO": "1",
        "MAIL_IN_DOMAIN": "mail.coulisse.example",
        "MAIL_IN_AUTHSERV_ID": "mx.coulisse.example",
        "COULISSE_LOCAL_WEBHOOKS": given.get("COULISSE_DEMO", "1"),
        "COULISSE_LOCAL": str(local),
        "PYTHONUNBUFFERED": "1",
    }
    ours |= kept_secrets(local / "secrets.json")
    return ours | {name: value for name, value in given.items() if value or name not in ours}
