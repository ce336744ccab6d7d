"""What comes again at each demo company, begun by its operator; nothing of it is raised before the
next day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.demo.cast import DemoClient
from app.demo.requests import operator_of
from app.service_requests.recurring.queries import get_facts, list_active
from app.service_requests.recurring.services.keeping import Wish, begin_recurrence


@dataclass(frozen=True, slots=True)
class Tale:
    title: str
    item: str
    rule: Mapping[str, Any]
    details: str = ""
    about: int = 0
    lead_days: int = 3
    questions: Sequence[str] = ()
    documents: Sequence[str] = field(default_factory=tuple)


def _deadline(code: str, offset: int = 0, **more: Any) -> dict[str, Any]:
    return {"kind": "deadline", "code": code, "offset": offset, "shift": "before", **more}


def _month_day(nth: int, unit: str = "month", **more: Any) -> dict[str, Any]:
    return {"kind": "month_day", "unit": unit, "nth": nth, "shift": "before", **more}


TALES: Mapping[str, Sequence[Tale]] = {
    "lentier": (
        Tale("Variables de paie", "hr_question", _deadline("fr.dsn_15", -5), "Heures, absences, primes.",
             -1, 4, ("Y a-t-il des entrées ou des sorties ce mois-ci ?",), ("Relevé des heures",)),
        Tale("Pièces pour la TVA", "finance_question", _deadline("fr.tva_ca3", -4, day=21),
             "Factures d'achat et de vente du mois.", -1, 3),
        Tale("Relances clients", "finance_question", {"kind": "week_day", "nth": 2, "shift": "after"},
             "Factures échues depuis plus de dix jours.", lead_days=1),
        Tale("Contrôle des paiements", "payment_control", {
            "kind": "business_day", "unit": "month", "nth": 4}, about=-1, lead_days=2),
    ),
    "hallertau": (
        Tale("Unterlagen Umsatzsteuer", "finance_question", _deadline("de.ustva_month", -3),
             "Eingangs- und Ausgangsrechnungen des Monats.", -1, 3),
        Tale("Lohnvariablen", "hr_question", _deadline("de.beitragsnachweis", -4),
             "Stunden, Zulagen, Abwesenheiten.", 0, 3,
             ("Gibt es Ein- oder Austritte?",), ("Stundenzettel der Fahrer",)),
        Tale("Bestand Futtermittel melden", "logistics_question",
             {"kind": "business_day", "unit": "month", "nth": -1}, "Silo 1 bis 4.", 0, 2),
    ),
    "forgeval": (
        Tale("Factures fournisseurs", "finance_question",
             {"kind": "rrule", "text": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "shift": "before"},
             "Saisie et demande d'accord.", lead_days=1),
        Tale("Acompte d'impôt : pièces", "finance_question", _deadline("fr.is_acompte", -5),
             "Estimation du résultat.", 0, 10),
        Tale("Revue des transporteurs", "logistics_question", _month_day(20, "quarter", month=3),
             "Retards, avaries, prix.", 0, 5),
    ),
}  # fmt: skip


def fill_recurring(client: DemoClient, now: datetime) -> None:
    """Only a client without any gets these."""
    if list_active():
        return
    operator, facts = operator_of(client), get_facts(now)
    for tale in TALES[client.slug]:
        begin_recurrence(
            wish=Wish(
                title=tale.title, item=tale.item, rule=tale.rule, about=tale.about,
                form={"details": tale.details} if tale.details else {}, lead_days=tale.lead_days,
                starts_on=facts.calendar.add_business_days(facts.today, tale.lead_days + 1), questions=tale.questions, documents=tale.documents,
                assignee_id=operator.user_id if tale.item == "hr_question" else None,
            ),
            actor=operator, now=now,
        )  # fmt: skip
