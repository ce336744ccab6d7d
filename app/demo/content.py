"""What each client of the demonstration holds besides its people. A filler runs in the client's own
scope and transaction on every seeding: it adds what isn't there and leaves the rest alone."""

from collections.abc import Callable
from datetime import datetime

from app.demo.billing import subscribe
from app.demo.cast import DemoClient
from app.demo.checks import fill_checks
from app.demo.contracts import agree
from app.demo.directory import fill_directory
from app.demo.handover import fill_handover
from app.demo.invoices import fill_invoices
from app.demo.letters import fill_letter
from app.demo.mails import fill_mails
from app.demo.paid import fill_paid
from app.demo.recurring import fill_recurring
from app.demo.requests import fill_requests
from app.demo.team import fill_rules
from app.demo.usage import fill_usage

Filler = Callable[[DemoClient, datetime], None]

FILLERS: tuple[Filler, ...] = (
    subscribe, agree, fill_directory, fill_invoices, fill_requests, fill_recurring, fill_mails, fill_checks,
    fill_rules, fill_handover, fill_usage, fill_paid, fill_letter,
)  # fmt: skip
