"""What the frame of every page shows, from the identity alone: no statement goes to the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import Flask, current_app, request, url_for

from app.web import layout
from app.web.i18n import text
from app.web.layout import BarTimer, NavItem, Shell
from tenants.access import standing
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import Actor


class Company(Protocol):
    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def access(self) -> str: ...
    @property
    def new_work(self) -> bool: ...


class PersonsTimer(Protocol):
    @property
    def slug(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def seconds(self) -> int: ...
    @property
    def since(self) -> datetime | None: ...


class SignedInPerson(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def single_keys(self) -> bool: ...
    @property
    def is_staff(self) -> bool: ...
    @property
    def complete(self) -> bool: ...
    @property
    def tenant(self) -> Company | None: ...
    @property
    def member_role(self) -> str | None: ...
    @property
    def timer(self) -> PersonsTimer | None: ...
    def actor(self) -> Actor: ...


CurrentPerson = Callable[[], SignedInPerson | None]


# Stands for a client's name in an address.
SLUG = "-slug-"
# As the timers' own rule has it (app/timesheets/services/timers.py), which this layer can't see.
FORGOTTEN_SECONDS = 10 * 3600


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry appears once the module with its endpoint is there and the right is held; `also` are
    endpoints that belong to it though their addresses don't say so."""

    endpoint: str
    icon: str
    label: str
    permission: str | None = None
    also: tuple[str, ...] = ()
    # The right has to be held on this one.
    line: str | None = None

    @property
    def module(self) -> str:
        return self.endpoint.partition(".")[0]


ALL_CLIENTS = _m("Client, request, invoice, words, a page…")
OWN_COMPANY = _m("Request, invoice, file, words, a page…")
PROVIDER = (
    Entry("provider.companies", "building-community", _m("Companies"), "provider.administer"),
    Entry("provider.staff", "users", _m("Staff"), "provider.administer"),
    Entry("provider.catalogue", "list-details", _m("Catalogue"), "provider.administer"),
    Entry("provider.deadlines", "gavel", _m("Deadlines"), "provider.administer"),
    Entry("provider.rules", "checklist", _m("Rule sets"), "provider.administer"),
    Entry("provider.billing", "credit-card", _m("Billing"), "provider.administer"),
)
DESK = (
    Entry("desk.queue", "inbox", _m("Queue"), "desk.use"),
    Entry("desk.recurring", "repeat", _m("Recurring work"), "desk.use"),
    Entry("timesheets.my_week", "clock", _m("My time"), "desk.use"),
    Entry("service_level_overview.overview", "chart-bar", _m("Service levels"), "desk.supervise"),
    Entry("report_overview.overview", "report", _m("Reports"), "desk.supervise"),
    Entry("desk.clients", "building-community", _m("Clients"), "desk.use"),
    Entry(
        "desk.team",
        "users",
        _m("Team"),
        "desk.use",
        also=("desk.absences", "desk.handovers", "desk.handover"),
    ),
    Entry("supervision.overview", "layout-dashboard", _m("Supervision"), "desk.supervise"),
    Entry("desk.quality", "checks", _m("Quality"), "desk.use"),
    Entry("jobs.overview", "stack-2", _m("Jobs"), "job.handle"),
)
CLIENT = (
    Entry("portal.home", "home", _m("Home")),
    Entry("service_requests.list_requests", "messages", _m("Requests"), "request.read"),
    Entry("documents.list_documents", "folders", _m("Documents"), "document.read"),
    Entry("recurring.overview", "repeat", _m("What comes regularly"), "request.read"),
    Entry(
        "sales_invoices.list_invoices",
        "file-invoice",
        _m("Sales invoices"),
        "sales_invoice.read",
        line="finance",
    ),
    Entry("service_levels.month_page", "chart-bar", _m("Service levels"), "request.read"),
    Entry("reports.list_reports", "report", _m("Reports"), "report.read"),
    Entry("templates.list_all", "template", _m("Templates"), "template.read"),
    Entry("service_requests.delegates", "signature", _m("Delegates"), "request.approve"),
    Entry("directory.list_parties", "users-group", _m("Directory"), "directory.read"),
    Entry("contracts.show", "file-certificate", _m("Contract"), "request.read"),
    Entry("people.list_people", "users", _m("People"), "people.manage"),
    Entry("mail_in.addresses", "mail", _m("Mail"), "people.manage"),
    Entry("subscription.overview", "credit-card", _m("Subscription"), "subscription.read"),
    Entry("tokens.list_tokens", "key", _m("Tokens"), "token.use"),
    Entry("webhooks.list_endpoints", "webhook", _m("Webhooks"), "webhook.read"),
)
# Of an external accountant or auditor.
GUEST = (
    Entry("guests.home", "messages", _m("Requests"), "guest.read"),
    Entry("guests.documents", "folders", _m("Documents"), "guest.read"),
    Entry("guests.month", "chart-bar", _m("Service levels"), "guest.read"),
    Entry("directory.list_parties", "users-group", _m("Directory"), "directory.read"),
    Entry("guests.new_query", "message-2", _m("Ask the provider"), "guest.ask"),
)
# What an operator may open of the client whose page this is.
CLIENT_FOR_STAFF = (
    Entry("service_requests.list_requests", "messages", _m("Requests"), "request.read"),
    Entry("documents.list_documents", "folders", _m("Documents"), "document.read"),
    Entry("recurring.overview", "repeat", _m("Recurring work"), "request.read"),
    Entry(
        "sales_invoices.list_invoices",
        "file-invoice",
        _m("Sales invoices"),
        "sales_invoice.read",
        line="finance",
    ),
    Entry("service_levels.month_page", "chart-bar", _m("Service levels"), "request.read"),
    Entry("reports.list_reports", "report", _m("Reports"), "report.read"),
    Entry("templates.list_all", "template", _m("Templates"), "template.read"),
    Entry("directory.list_parties", "users-group", _m("Directory"), "directory.read"),
    Entry("contracts.show", "file-certificate", _m("Contract"), "request.read"),
    Entry("mail_in.list_all", "mail", _m("Mail"), "request.work"),
    Entry("playbooks.list_all", "book", _m("Playbook"), "note.read"),
    Entry("assignment.list_all", "user-check", _m("Who does what"), "note.read"),
    Entry("tokens.list_tokens", "key", _m("Tokens"), "token.use"),
)


def init_shell(app: Flask, *, current_person: CurrentPerson) -> None:
    layout.init_layout(app)
    app.extensions["frame_urls"] = {}

    def frame() -> dict[str, Any]:
        person = current_person()
        return {"shell": _shell(person), "nav": nav_of(person)}

    app.context_processor(frame)


def _url(endpoint: str, **values: Any) -> str | None:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def _frame_url(endpoint: str, slug: str = "") -> str | None:
    """Of the frame's own links, which every page has: looked up once per endpoint and place of the
    product on its host. A slug needs no quoting."""
    known: dict[tuple[str, str, bool], str | None] = current_app.extensions["frame_urls"]
    key = (request.root_path, endpoint, bool(slug))
    if key not in known:
        known[key] = _url(endpoint, **({"slug": SLUG} if slug else {}))
    found = known[key]
    return found.replace(SLUG, slug) if found and slug else found


def _shell(person: SignedInPerson | None) -> Shell:
    if person is None:
        return Shell(language_url=_url("auth.switch_language"))
    if not person.complete:
        return Shell(
            language_url=_url("auth.switch_language"),
            sign_out_url=_url("auth.sign_out"),
            user_name=person.name,
            user_email=person.email,
        )
    return Shell(
        home_url="/",
        search_url=_search_url(person),
        search_hint=text(ALL_CLIENTS if person.is_staff else OWN_COMPANY),
        account_url=_frame_url("auth.account_page"),
        sign_out_url=_frame_url("auth.sign_out"),
        language_url=_frame_url("auth.change_language"),
        user_name=person.name,
        user_email=person.email,
        keys=person.single_keys,
        timer=_timer(person.timer) if person.timer else None,
        standing=standing(person.tenant.access, new_work=person.tenant.new_work)
        if person.tenant
        else "",
    )


def _search_url(person: SignedInPerson) -> str | None:
    """The provider's people search all their clients, a company's people what they see of it."""
    if person.is_staff:
        return _frame_url("desk.palette")
    own = person.tenant if person.member_role not in (None, "guest") else None
    return _frame_url("portal.find", own.slug) if own else None


def _timer(timer: PersonsTimer) -> BarTimer | None:
    url = _url("service_requests.show", slug=timer.slug, number=timer.number)
    if url is None:
        return None
    running = max(0, int((clock.now() - timer.since).total_seconds())) if timer.since else 0
    seconds = timer.seconds + running
    return BarTimer(
        label=f"{timer.code} #{timer.number}",
        client=timer.code,
        slug=timer.slug,
        seconds=seconds,
        running=timer.since is not None,
        forgotten=seconds > FORGOTTEN_SECONDS,
        request_url=url,
        action_url=f"{url}/timer",
    )


def nav_of(person: SignedInPerson | None) -> list[NavItem]:
    if person is None or not person.complete:
        return []
    company, items = person.tenant, []
    if person.is_staff:
        items += _items(PROVIDER, person.actor())
        items += _items(DESK, person.actor())
    if company is not None:
        found = _items(_entries_of(person), person.actor(), slug=company.slug)
        if found and items:
            items.append(NavItem(url=None, icon=None, label=company.name, client=company.code))
        items += found
    return items


def _entries_of(person: SignedInPerson) -> tuple[Entry, ...]:
    if person.member_role == "guest":
        return GUEST
    return CLIENT if person.member_role else CLIENT_FOR_STAFF


def _items(entries: tuple[Entry, ...], actor: Actor, slug: str = "") -> list[NavItem]:
    items = []
    modules = [entry.module for entry in entries]
    endpoint, blueprint, path = request.endpoint, request.blueprint, request.path
    exact = any(endpoint in (entry.endpoint, *entry.also) for entry in entries)
    # Of two entries, one within the other's address, the page belongs to the nearer.
    urls = [_frame_url(entry.endpoint, slug) for entry in entries]
    nearest = max((url for url in urls if url and path.startswith(f"{url}/")), key=len, default="")
    for entry in entries:
        if entry.permission and not actor.can(entry.permission, entry.line):
            continue
        url = _frame_url(entry.endpoint, slug)
        if url is None:
            continue
        # Pages below an entry belong to it where the entry's module has no other.
        within = entry.module == blueprint and modules.count(entry.module) == 1
        below = within or url == nearest
        named = endpoint in (entry.endpoint, *entry.also)
        active = named if exact else below
        items.append(NavItem(url=url, icon=entry.icon, label=text(entry.label), active=active))
    return items
