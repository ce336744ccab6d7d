"""What the gallery shows: one queue, one conversation, one form."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Row

from marshmallow import Schema, fields, validate

from app.web.fields import MoneyField, TrimmedString
from app.web.layout import NavItem

NOW = datetime(2026, 11, 21, 18, 52, tzinfo=UTC)
CLIENTS = {
    "LEN": ("Boulangerie Lenoir SARL", "#b45309"),
    "WEI": ("Weidmann Haustechnik GmbH", "#1d4ed8"),
    "AMR": ("Cabinet Dr Amrani", "#0f766e"),
    "NOR": ("Atelier Nordlicht", "#7e22ce"),
    "GAU": ("Transports Gauthier", "#be123c"),
    "SOL": ("Soleil & Fils", "#facc15"),
}
TITLES = [
    ("Facture Métro n° F-88213 — TVA incohérente", "LEN", "file-invoice", -36, None),
    ("Mise à jour des coordonnées de 58 patients", "AMR", "table", -5, "Léa Martin"),
    ("Import catalogue hiver (312 articles)", "LEN", "table", 17, "Jules Roche"),
    ("Entrée de Mme Petit au 01/12, temps partiel 80 %", "WEI", "cash", 51, "Léa Martin"),
    ("Rechnung Würth 2026-11-0457 doppelt erfasst", "WEI", "file-invoice", 135, None),
    ("Client mécontent : livraison du 18/11 incomplète", "GAU", "mail", 180, "Léa Martin"),
    ("Demande de devis pour 40 couverts le 12/12", "SOL", "mail", 310, None),
    ("Arrêt maladie de M. Keller du 16 au 20/11", "NOR", "cash", 480, "Jules Roche"),
]


class OpenRequest(Schema):
    title = TrimmedString(
        required=True,
        validate=validate.Length(max=120),
        metadata={"label": "Title", "help": "One line: what should be done?"},
    )
    kind = fields.String(
        required=True,
        validate=validate.OneOf(["invoice", "payroll"], ["Supplier invoice", "Payroll"]),
        metadata={"label": "Kind"},
    )
    amount = MoneyField(currency="EUR", metadata={"label": "Amount"})
    due = fields.Date(metadata={"label": "Due date"})
    email = fields.Email(metadata={"label": "E-mail", "autocomplete": "email"})
    details = TrimmedString(metadata={"label": "Details", "input": "textarea"})
    channel = fields.String(
        validate=validate.OneOf(["mail", "phone"], ["E-mail", "Phone"]),
        metadata={"label": "How to reach you", "input": "radio"},
    )
    urgent = fields.Boolean(metadata={"label": "Urgent"})
    files = fields.List(
        fields.Raw(),
        metadata={"label": "Files", "input": "file", "accept": ".pdf,.jpg", "help": "25 MB"},
    )
    password = fields.String(metadata={"label": "Password", "input": "password"})
    version = fields.Integer(load_default=3, metadata={"input": "hidden"})


def nav() -> list[NavItem]:
    return [
        NavItem(None, None, "Views"),
        NavItem("/desk", "inbox", "All open", 42, active=True),
        NavItem("/desk?mine=1", "user", "Assigned to me", 17),
        NavItem("/desk?free=1", "user-question", "Unassigned", 17),
        NavItem("/desk?sla=1", "flame", "SLA at risk", 13, alert=True),
        NavItem(None, None, "Clients"),
        *(
            NavItem(f"/desk?client={code}", None, name, client=code)
            for code, (name, _) in CLIENTS.items()
        ),
    ]


def queue() -> list[Row]:
    return [
        Row(
            id=index,
            url=f"/desk?open={index}",
            fragment_url=f"/fragment/{index}",
            title=title,
            client_name=CLIENTS[code][0],
            client_code=code,
            icon=symbol,
            meta=f"#{1000 + index} · 4 messages",
            minutes_left=left,
            paused="client answer" if index == 4 else None,
            who=who,
            urgent=index == 1,
            current=index == 1,
            unread=index == 2,
            pill=("Waiting", "hourglass", "wait") if index == 4 else None,
        )
        for index, (title, code, symbol, left, who) in enumerate(TITLES * 2)
    ]


def timeline() -> list[Row]:
    return [
        Row(icon="plus", who="Sophie Lenoir", text="opened the request", at=NOW, note=None),
        Row(
            icon="user-check",
            who="Léa Martin",
            text="took it over",
            at=NOW + timedelta(minutes=9),
            note="from the queue",
        ),
        Row(icon="check", who=None, text="Closed", at=NOW + timedelta(hours=2), note=None),
    ]
