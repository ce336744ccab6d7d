"""One of the demonstration's people leaves a handover note before a holiday."""

from datetime import datetime, timedelta

from app.demo.cast import DemoClient
from app.demo.requests import operator_of
from app.service_requests.handover.queries import find_note, list_items
from app.service_requests.handover.services import writing
from app.service_requests.handover.services.writing import Line
from app.staffing.queries import list_away

AHEAD = timedelta(days=60)
WORDS = {
    "hallertau": (
        "Herr Bauer ist vormittags am besten telefonisch zu erreichen; Briefe nur auf Deutsch.",
        "Die Unterlagen kommen per Post. Wenn bis Mittwoch nichts da ist, bitte einmal anrufen.",
    ),
}


def fill_handover(client: DemoClient, now: datetime) -> None:
    if client.slug not in WORDS:
        return
    operator = operator_of(client)
    assert operator.user_id is not None
    away = list_away(user_ids=[operator.user_id], since=now, until=now + AHEAD)
    if not away or find_note(absence_id=away[0].absence_id) is not None:
        return
    general, own = WORDS[client.slug]
    of = {"absence_id": away[0].absence_id, "user_id": operator.user_id}
    note = writing.begin(**of, actor=operator, now=now)
    if note is None:
        return
    lines = [
        Line(one.id, one.substitute_id, own if at == 0 else "")
        for at, one in enumerate(list_items(note_id=note.id))
    ]
    writing.keep(**of, words=general, lines=lines, actor=operator, now=now)
    writing.send(**of, actor=operator, now=now)
