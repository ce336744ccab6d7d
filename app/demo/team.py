"""What the demonstration's people can do, when one of them is away, and who gets which work at one of
the companies; the others are left to their queue."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from app.demo.cast import DemoClient
from app.service_requests.assignment.queries import list_rules
from app.service_requests.services.assignment_rules import Wish, write_rule
from app.staffing.queries import list_skills
from app.staffing.services import enter_absence, set_skills
from tenants.permissions import Actor, system_actor
from tenants.queries import list_staff

SKILLS: Mapping[str, list[str]] = {
    "operator1": ["droit du travail", "paie"],
    "operator2": ["deutsch", "zoll"],
    "supervisor": ["deutsch", "paie"],
}
AWAY_IN, AWAY_FOR = timedelta(days=16), timedelta(days=4)
OPERATOR, DEPUTY = "Inès Vidal", "Marianne Osterloh"
RULES: Mapping[str, Mapping[str, Wish]] = {
    "forgeval": {"hr": Wish(skill="paie", by_load=True), "legal": Wish(by_load=True), "it": Wish()}
}


def fill_team(staff: Mapping[str, UUID], *, actor: Actor, now: datetime) -> None:
    """In the provider's own scope; only a team without any skill gets these."""
    if list_skills():
        return
    for mailbox, skills in SKILLS.items():
        set_skills(user_id=staff[mailbox], skills=skills, actor=actor, now=now)
    first = (now + AWAY_IN).date()
    enter_absence(
        user_id=staff["operator2"], kind="holiday", first=first, from_noon=True,
        last=first + AWAY_FOR, until_noon=False, actor=actor, now=now,
    )  # fmt: skip


def fill_rules(client: DemoClient, now: datetime) -> None:
    wanted = RULES.get(client.slug, {})
    if list_rules(lines=list(wanted)):
        return
    people = {one.display_name: one.user_id for one in list_staff()}
    for line, wish in wanted.items():
        named = wish if wish.by_load else Wish(people[OPERATOR], people[DEPUTY])
        write_rule(
            line=line, item="", wish=named, expected_version=0, actor=system_actor(client.id),
            now=now,
        )  # fmt: skip
