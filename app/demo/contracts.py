"""What each demo company agreed with its provider, from the first of this month."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.contracts.queries import list_versions
from app.contracts.services import begin_draft, change_draft, put_into_force
from app.demo.cast import DemoClient
from tenants.permissions import system_actor

# Where the company is: Finistère, Bavaria, Bas-Rhin with the holidays of Alsace-Moselle.
REGIONS = {"lentier": "29", "hallertau": "BY", "forgeval": "67"}
# Until when their inputs come, how time is rounded, and what they see of it.
CUT_OFFS: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "lentier": {"payment_control": ("business_day", 10), "hr_question": ("month_day", 20)},
    "hallertau": {"payment_control": ("month_day", 28), "hr_question": ("month_day", 18)},
    "forgeval": {"finance_question": ("after", 3)},
}
TIME: Mapping[str, Mapping[str, Any]] = {
    "lentier": {"step": 15, "shown": "detail", "names": False},
    "hallertau": {"step": 6, "shown": "totals", "names": False},
    "forgeval": {"step": 1, "shown": "detail", "names": True},
}
CREDITS = {
    "cap": 1500,
    "rates": {"urgent": 500, "high": 300, "normal": 200, "low": 100},
    "bases": {"finance": 48_000, "hr": 30_000, "sales": 26_000, "logistics": 26_000},
}


def agree(client: DemoClient, now: datetime) -> None:
    """Once; a company that has a contract keeps it."""
    if list_versions():
        return
    actor = system_actor(client.id)
    revision = begin_draft(actor=actor, now=now).revision
    draft = change_draft(
        change=lambda document: _agreed(document, client), expected_revision=revision,
        actor=actor, now=now,
    )  # fmt: skip
    today = now.astimezone(ZoneInfo(client.time_zone)).date()
    put_into_force(
        valid_from=today.replace(day=1), note="", expected_revision=draft.revision, actor=actor,
        now=now,
    )  # fmt: skip


def _agreed(document: Mapping[str, Any], client: DemoClient) -> dict[str, Any]:
    return {
        "calendar": {**document["calendar"], "region": REGIONS[client.slug]},
        "items": _items(CUT_OFFS[client.slug]),
        "time": dict(TIME[client.slug]),
        "limits": {"finance": 1_000_000},
        "credits": CREDITS,
    }


def _items(cut_offs: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    quotas = {"payment_control": 30, "sales_question": 20}
    found = {}
    for code in (*quotas, *(one for one in cut_offs if one not in quotas)):
        kind, number = cut_offs.get(code, ("", 0))
        found[code] = {
            "scope": "quota" if code in quotas else "included", "quota": quotas.get(code),
            "cut_off": {"kind": kind, "number": number} if kind else None,
        }  # fmt: skip
    return found
