"""The demonstration's accounts, in a file for whoever tries it; passwords are drawn once."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from app.auth import second_factor

WORDS = [
    "amber",
    "anchor",
    "apple",
    "autumn",
    "basil",
    "beacon",
    "birch",
    "blossom",
    "bramble",
    "bridge",
    "bronze",
    "candle",
    "canyon",
    "cedar",
    "cherry",
    "cinder",
    "clover",
    "cobalt",
    "copper",
    "coral",
    "cotton",
    "crystal",
    "dahlia",
    "ember",
    "falcon",
    "fern",
    "fiddle",
    "flint",
    "forest",
    "garnet",
    "ginger",
    "granite",
    "harbor",
    "hazel",
    "heron",
    "indigo",
    "island",
    "ivory",
    "jasmine",
    "juniper",
    "lantern",
    "laurel",
    "lemon",
    "linen",
    "lotus",
    "magnet",
    "maple",
    "marble",
    "meadow",
    "mint",
    "mirror",
    "nectar",
    "nutmeg",
    "oasis",
    "olive",
    "onyx",
    "orchid",
    "otter",
    "paper",
    "pebble",
    "pepper",
    "pine",
    "plum",
    "poppy",
    "quartz",
    "quill",
    "raven",
    "reed",
    "river",
    "saffron",
    "sage",
    "silver",
    "spruce",
    "summit",
    "thistle",
    "timber",
    "tulip",
    "velvet",
    "violet",
    "walnut",
    "willow",
    "winter",
]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    email: str
    password: str
    totp_secret: str | None
    role: str
    tenant: str | None


def file() -> Path:
    return Path(os.environ.get("COULISSE_LOCAL", ".local")) / "demo-accounts.json"


def read() -> dict[str, DemoAccount]:
    try:
        found = [DemoAccount(**row) for row in json.loads(file().read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return {}
    return {account.email: account for account in found}


def draw(email: str, *, role: str, tenant: str | None, with_second_factor: bool) -> DemoAccount:
    password = os.environ.get("COULISSE_DEMO_PASSWORD") or "-".join(
        secrets.choice(WORDS) for _ in range(5)
    )
    secret = second_factor.new_secret() if with_second_factor else None
    return DemoAccount(email, password, secret, role, tenant)


def write(accounts: list[DemoAccount]) -> None:
    """Readable by its owner alone, and never half written."""
    target = file()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump([asdict(one) for one in accounts], out, indent=2, ensure_ascii=False)
        out.write("\n")
    partial.replace(target)
