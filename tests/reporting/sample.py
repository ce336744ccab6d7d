"""A month as a report holds it, of a company with a little of everything."""

from __future__ import annotations

import copy
from typing import Any


def _title(en: str, fr: str, de: str) -> dict[str, str]:
    return {"en": en, "fr": fr, "de": de}


def _level(line: str, clock: str, met: int, breached: int, **more: Any) -> dict[str, Any]:
    return {
        "line": line, "clock": clock, "met": met, "breached": breached, "excluded": {},
        "median": 47, "p90": 205, "late": 0, "waited": 300, "open": 2_000, **more,
    }  # fmt: skip


def _point(number: int, line: str, title: str, state: str, day: int) -> dict[str, Any]:
    return {
        "number": number, "line": line, "item": {}, "title": title, "state": state,
        "raised_at": f"2026-10-{day:02}T08:10:00+00:00", "due_at": f"2026-11-{day:02}T16:00:00+00:00",
    }  # fmt: skip


SAMPLE: dict[str, Any] = {
    "format": 1, "month": "2026-10", "zone": "Europe/Paris", "contract": 3,
    "as_of": "2026-11-04T09:12:00+00:00", "signed_at": "2026-11-03T10:00:00+00:00",
    "signed_by": "Solène Supervisor", "written_by": "Solène Supervisor", "reviewed_by": "Ravi Reviewer",
    "company": {"name": "Lentier SARL", "code": "LEN", "colour": "#1f6f6b"},
    "provider": {"name": "Atelier des Services", "colour": "#44546a", "country": "FR",
                 "legal_form": "SAS", "registration_number": "RCS Quimper 912 345 678",
                 "vat_id": "FR40 303 265 045"},
    "summary": "October was quiet until the 20th. Two results came late because a colleague was ill "
               "for three days; her deputy has the same skills since.\nFor November we suggest that "
               "bank statements come by the 5th: one missing file held up the payment control.",
    "remarks": {"finance": "Two questions about the foreign account took longer than promised."},
    "titles": {
        "payment_control": _title("Payment control", "Contrôle des paiements", "Zahlungsabgleich"),
        "finance_question": _title("Question about finance", "Question de finance", "Frage zu Finanzen"),
        "employment_contract": _title("Employment contract", "Contrat de travail", "Arbeitsvertrag"),
        "offer_letter": _title("Offer letter", "Lettre d’embauche", "Angebotsschreiben"),
    },
    "lines": ["administration", "finance", "hr", "sales"],
    "levels": [
        _level("administration", "first_response", 9, 0),
        _level("administration", "resolution", 8, 0, median=384, p90=1_120, excluded={"duplicate": 1}),
        _level("finance", "first_response", 14, 1, excluded={"cancelled_by_client": 2}),
        _level("finance", "resolution", 11, 2, median=412, p90=1_505,
               excluded={"cancelled_by_client": 2, "no_target": 1}),
        _level("hr", "first_response", 6, 0),
        _level("hr", "resolution", 5, 1, median=530, p90=None),
    ],
    "inputs": [{"line": "finance", "due": 6, "in_time": 5, "minutes": 320}],
    "volumes": [
        {"line": "administration", "item": "offer_letter", "raised": 9, "delivered": 8, "open": 1},
        {"line": "finance", "item": "payment_control", "raised": 4, "delivered": 4, "open": 0},
        {"line": "finance", "item": "finance_question", "raised": 12, "delivered": 9, "open": 2},
        {"line": "hr", "item": "employment_contract", "raised": 6, "delivered": 6, "open": 1},
    ],
    "quotas": [
        {"line": "finance", "item": "payment_control", "quota": 5, "used": 4},
        {"line": "hr", "item": "employment_contract", "quota": 6, "used": 6},
    ],
    "time": [
        {"line": "administration", "billed": 310, "rest": 0},
        {"line": "finance", "billed": 1_245, "rest": 95},
        {"line": "hr", "billed": 540, "rest": 30},
    ],
    "usage": [{"meter": "operator_minutes", "quantity": 2_095},
              {"meter": "statement_lines", "quantity": 1_412}],
    "invoiced": [
        {"invoice": "LEN-0007", "meter": "statement_lines", "first": "2026-10-01",
         "last": "2026-10-31", "quantity": 1_412, "recorded": 1_412},
        {"invoice": "LEN-0007", "meter": "operator_minutes", "first": "2026-10-01",
         "last": "2026-10-31", "quantity": 2_095, "recorded": 2_095},
    ],
    "credits": [
        {"line": "finance", "state": "computed", "until": "2026-11-13T23:00:00+00:00",
         "base": 48_000, "cap": 1_500, "rates": 600, "breaches": 3, "amount": 2_880},
        {"line": "hr", "state": "computed", "until": "2026-11-13T23:00:00+00:00",
         "base": 30_000, "cap": 1_500, "rates": 200, "breaches": 1, "amount": 600},
    ],
    "booked": [{"line": "finance", "month": "2026-09", "change": -960, "amount": 0}],
    "ratings": {"count": 9, "sum": 41, "scores": {"1": 0, "2": 0, "3": 1, "4": 2, "5": 6}},
    "open": [
        _point(118, "hr", "Contrat de Mme Le Goff, à temps partiel à partir de janvier", "waiting_client", 7),
        _point(131, "finance", "Why was invoice 2026-0877 paid twice?", "in_progress", 21),
        _point(133, "finance", "Account 4456 does not balance", "assigned", 28),
        _point(136, "administration", "Lettre à la mairie", "on_hold_provider", 30),
    ],
    "lists": {
        "level:finance:resolution:breached": [[121, None], [126, None]],
        "raised:hr:employment_contract": [[118, None], [119, None]],
        "usage:operator_minutes": [[121, 1_000], [126, 1_095]],
        "open": [[118, None], [131, None], [133, None], [136, None]],
    },
}  # fmt: skip


def sample(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(SAMPLE) | changes


def empty() -> dict[str, Any]:
    """A month in which nothing happened."""
    gone: dict[str, Any] = {key: [] for key in ("levels", "inputs", "volumes", "quotas", "time", "usage", "invoiced", "credits", "booked", "open", "lines")}  # fmt: skip
    ratings = {"count": 0, "sum": 0, "scores": {str(one): 0 for one in range(1, 6)}}
    return sample(**gone, ratings=ratings, summary="", remarks={}, lists={}, titles={})
