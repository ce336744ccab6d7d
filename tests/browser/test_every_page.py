"""Every page with the demonstration's data: accessible in both schemes, wide and narrow, in three
languages, and quiet under its own security policy."""

import json
import re
import subprocess
import sys
from typing import Any, Literal

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.billing_pages import billing_pages, bills_pages
from tests.browser.catalogue_pages import catalogue_pages
from tests.browser.directory_pages import directory_pages
from tests.browser.document_pages import document_pages
from tests.browser.furnished import furnish, missing, unmatched
from tests.browser.letter_pages import letter_pages
from tests.browser.no_pages import OTHERS
from tests.browser.people_pages import people_pages
from tests.browser.recurring_pages import recurring_pages
from tests.browser.sales_invoice_pages import sales_invoice_pages
from tests.browser.supervision_pages import supervision_pages
from tests.effort import PROVE
from tests.journeys.furnishing import Forms
from tests.journeys.system import System
from tests.journeys.visits import DESKTOP, PHONE, People, Visit, speaking

OPERATOR, CLIENT_USER, CLIENT_ADMIN, PROVIDER_ADMIN, SUPERVISOR = (
    "operator1@coulisse.example", "user@lentier.example", "admin@lentier.example",
    "admin@coulisse.example", "supervisor@coulisse.example",
)  # fmt: skip
C = "/c/lentier"
R = f"{C}/requests/{{control}}"
P = "/provider/companies/lentier"
# By endpoint: where it is looked at, and by whom.
PAGES: dict[str, list[tuple[str, str]]] = {
    "auth.account_page": [(CLIENT_ADMIN, "/account"), (OPERATOR, "/account")],
    "auth.security": [(CLIENT_ADMIN, "/account/security"), (CLIENT_USER, "/account/security")],
    "auth.list_sessions": [(CLIENT_ADMIN, "/account/sessions")], "notifications.preferences": [(CLIENT_USER, "/account/notifications")],
    "subscription.overview": [(CLIENT_ADMIN, f"{C}/subscription")],
    "subscription.plans": [(CLIENT_ADMIN, f"{C}/subscription/plans"),
                            (CLIENT_ADMIN, f"{C}/subscription/plans?interval=year")],
    "subscription.end": [(CLIENT_ADMIN, f"{C}/subscription/end")], "contracts.show": [(CLIENT_ADMIN, f"{C}/contract"), (OPERATOR, f"{C}/contract")],
    "contracts.used": [(CLIENT_USER, f"{C}/contract/used/payment_control")],
    "subscription.usage_page": [(CLIENT_ADMIN, f"{C}/subscription/usage-overview")],
    "subscription.usage": [(CLIENT_ADMIN, f"{C}/subscription/usage?meter=operator_minutes")],
    "service_requests.list_requests": [
        (CLIENT_USER, f"{C}/requests?state=all"), (OPERATOR, f"{C}/requests"),
        (CLIENT_USER, f"{C}/requests?q=nothing-like-it"),
    ],
    "service_requests.catalogue": [(CLIENT_USER, f"{C}/requests/new"),
                                   (OPERATOR, f"{C}/requests/new")],
    "service_requests.new_request": [
        (CLIENT_USER, f"{C}/requests/new/payment_control"),
        (OPERATOR, f"{C}/requests/new/hr_question"),
    ],
    "service_requests.show": [(CLIENT_USER, R), (OPERATOR, R),
                              (CLIENT_USER, f"{C}/requests/{{asked}}"),
                              (OPERATOR, f"{C}/requests/{{asked}}"),
                              (SUPERVISOR, f"{C}/requests/{{asked}}?act=split"),
                              (SUPERVISOR, f"{R}?act=priority"),
                              (CLIENT_USER, f"{C}/requests/{{asked}}?act=propose"),
                              (CLIENT_ADMIN, f"{C}/requests/{{priced}}"),
                              (SUPERVISOR, f"{C}/requests/{{priced}}")],
    "service_requests.show_clock": [(CLIENT_USER, f"{C}/requests/{{asked}}/clock"),
                                    (SUPERVISOR, f"{C}/requests/{{asked}}/clock")],
    "service_requests.show_history": [(CLIENT_USER, f"{C}/requests/{{asked}}/history")],
    "service_requests.new_documents": [(OPERATOR, f"{R}/documents/new")],
    "mail_in.list_all": [(OPERATOR, f"{C}/mail"), (OPERATOR, f"{C}/mail?view=discarded")],
    "mail_in.show": [(OPERATOR, f"{C}/mail/{{mail}}")],
    "mail_in.addresses": [(CLIENT_ADMIN, f"{C}/mail/addresses")],
    "desk.mail": [(OPERATOR, "/desk/mail")],
    "service_requests.watchers": [(CLIENT_USER, f"{R}/watchers"), (OPERATOR, f"{R}/watchers")],
    "service_requests.delegates": [(CLIENT_ADMIN, f"{C}/requests/delegates"),
                                   (CLIENT_USER, f"{C}/requests/delegates")],
    "service_requests.show_entry": [(OPERATOR, f"{R}/time/{{entry}}")],
    **catalogue_pages(PROVIDER_ADMIN), **supervision_pages(SUPERVISOR, OPERATOR),
    **recurring_pages(CLIENT_USER, OPERATOR, PROVIDER_ADMIN), **letter_pages(CLIENT_ADMIN, OPERATOR),
    **sales_invoice_pages(CLIENT_USER, OPERATOR, CLIENT_ADMIN),
    "playbooks.list_all": [(OPERATOR, f"{C}/playbook")],
    "assignment.list_all": [(SUPERVISOR, f"{C}/assignment")], "assignment.show": [(SUPERVISOR, f"{C}/assignment/finance")],
    "desk.team": [(SUPERVISOR, "/desk/team")], "desk.absences": [(OPERATOR, "/desk/absences")], "desk.person": [(SUPERVISOR, "/desk/team/{operator}")],
    "desk.handovers": [(SUPERVISOR, "/desk/handovers")], "desk.handover": [(SUPERVISOR, "/desk/handovers/{handover}")],
    "playbooks.show": [(OPERATOR, f"{C}/playbook/payment_control"),
                       (OPERATOR, f"{C}/playbook/finance")],
    "timesheets.my_week": [(OPERATOR, "/time"), (OPERATOR, "/time?week={settled}")],
    "timesheets.team": [(SUPERVISOR, "/time/team"), (SUPERVISOR, "/time/team?person={operator}")],
    "service_requests.evidence": [(OPERATOR, f"{R}/evidence"), (CLIENT_ADMIN, f"{R}/evidence")],
    "finance.workbench": [(OPERATOR, f"{R}/payment-control"), (CLIENT_USER, f"{R}/payment-control"),
                          (OPERATOR, f"{R}/payment-control?view=unmatched"),
                          (OPERATOR, f"{R}/payment-control?view=left_open")],
    "finance.items": [(OPERATOR, f"{R}/payment-control/items")],
    "finance.csv_profile": [(OPERATOR, f"{R}/payment-control/csv-profile")],
    "finance.rejects": [(OPERATOR, f"{R}/payment-control/rejects")],
    "finance.choose_item": [(OPERATOR, f"{R}/payment-control/lines/{{line}}/match")],
    "finance.choose_lines": [(OPERATOR, f"{R}/payment-control/items/{{item}}/match")],
    "payment_rules.rules": [(OPERATOR, f"{C}/payment-rules"), (CLIENT_ADMIN, f"{C}/payment-rules")],
    "tokens.list_tokens": [(CLIENT_USER, f"{C}/tokens"), (CLIENT_ADMIN, f"{C}/tokens"),
                           (OPERATOR, f"{C}/tokens")],
    **{f"webhooks.{page}": [(CLIENT_ADMIN, f"{C}/webhooks{path}")] for page, path in (
        ("list_endpoints", ""), ("new_endpoint", "/new"), ("show", "/{webhook}"),
        ("edit", "/{webhook}/edit"), ("show_message", "/{webhook}/messages/{hook_message}"))},
    "portal.home": [(CLIENT_USER, f"{C}/")],
    "portal.find": [(CLIENT_ADMIN, f"{C}/find?q=control")],
    "service_levels.month_page": [
        (SUPERVISOR, f"{C}/service-levels"),
        (CLIENT_USER, f"{C}/service-levels?month={{month}}&line=finance#list"),
        (SUPERVISOR, f"{C}/service-levels?month={{month}}"),
    ],
    "reports.list_reports": [(CLIENT_ADMIN, f"{C}/reports"), (SUPERVISOR, f"{C}/reports")],
    "reports.show": [(CLIENT_ADMIN, f"{C}/reports/{{month}}"), (SUPERVISOR, f"{C}/reports/{{month}}")],
    "reports.show_behind": [(CLIENT_ADMIN, f"{C}/reports/{{month}}/behind?of=raised")],
    "report_overview.overview": [(SUPERVISOR, "/reports")],
    "service_level_overview.overview": [(SUPERVISOR, "/service-levels")],
    **people_pages(CLIENT_ADMIN), **document_pages(CLIENT_USER, CLIENT_ADMIN, OPERATOR),
    **people_pages(CLIENT_ADMIN), **directory_pages(),
    "desk.queue": [(OPERATOR, "/desk"), (OPERATOR, "/desk?open=lentier/{control}"),
                   (OPERATOR, "/desk?q=nothing-like-it"),
                   (OPERATOR, "/desk?view=unassigned&priority=normal&sort=newest")],
    "desk.texts": [(OPERATOR, "/desk/texts")], "desk.new_text": [(OPERATOR, "/desk/texts/new")],
    "desk.edit_text": [(OPERATOR, "/desk/texts/{text}")],
    "desk.saved_views": [(OPERATOR, "/desk/views")],
    "desk.new_view": [(OPERATOR, "/desk/views/new?due=week&line=hr")],
    "desk.edit_view": [(OPERATOR, "/desk/views/{view}")],
    "provider.contract": [(PROVIDER_ADMIN, f"{P}/contract")],
    "provider.contract_part": [(PROVIDER_ADMIN, f"{P}/contract/{part}")
                               for part in ("items", "targets", "hours", "rules")],
    "provider.invoicing": [(PROVIDER_ADMIN, "/provider/billing/invoicing")],
    "provider.prices": [(PROVIDER_ADMIN, f"{P}/prices"), (PROVIDER_ADMIN, f"{P}/prices?done=proposed")],
    "provider.new_price": [(PROVIDER_ADMIN, f"{P}/prices/new")], "provider.limits": [(PROVIDER_ADMIN, f"{P}/limits")], "provider.new_limit": [(PROVIDER_ADMIN, f"{P}/limits/new")],
    "provider.companies": [(PROVIDER_ADMIN, "/provider/companies"),
                           (PROVIDER_ADMIN, "/provider/companies?q=nothing-like-it")],
    "provider.new_company_form": [(PROVIDER_ADMIN, "/provider/new-company")],
    "provider.company": [(PROVIDER_ADMIN, P), (PROVIDER_ADMIN, f"{P}?done=begun")],
    "provider.facts": [(PROVIDER_ADMIN, f"{P}/facts")],
    "provider.new_access": [(PROVIDER_ADMIN, f"{P}/access/new")],
    "provider.access": [(PROVIDER_ADMIN, f"{P}/access/{{grant}}")],
    "provider.ask_to_end": [(PROVIDER_ADMIN, f"{P}/access/{{grant}}/end")],
    "provider.ask_to_reset": [(PROVIDER_ADMIN, f"{P}/people/{{member}}/second-factor")],
    "jobs.overview": [
        (SUPERVISOR, "/provider/jobs"), (PROVIDER_ADMIN, "/provider/jobs?by=name"),
        (SUPERVISOR, "/provider/jobs?state=quarantined&name=nothing.like_it"),
        (SUPERVISOR, "/provider/jobs?client=lentier&state=succeeded&hours=24"),
    ],
    "jobs.letters": [(SUPERVISOR, "/provider/jobs/letters")],
    "jobs.workers": [(SUPERVISOR, "/provider/jobs/workers")],
    "jobs.batches": [(SUPERVISOR, "/provider/jobs/batches")],
    "jobs.batch": [(SUPERVISOR, "/provider/jobs/batches/{batch}")],
    "jobs.show": [(SUPERVISOR, f"{C}/jobs/{{job}}"), (SUPERVISOR, f"{C}/jobs/{{bad_job}}")],
    "jobs.show_administered": [(PROVIDER_ADMIN, f"{P}/jobs/{{bad_job}}")],
    "jobs.show_own": [(PROVIDER_ADMIN, "/provider/own-jobs/{own_job}")],
    **billing_pages(PROVIDER_ADMIN), **bills_pages(CLIENT_ADMIN, C),
    "provider.staff": [(PROVIDER_ADMIN, "/provider/staff")],
    "provider.new_staff": [(PROVIDER_ADMIN, "/provider/new-staff")],
    "provider.person": [(PROVIDER_ADMIN, "/provider/staff/{operator}")],
    "provider.ask_to_leave": [(PROVIDER_ADMIN, "/provider/staff/{operator}/leave")],
}  # fmt: skip
PUBLIC = {
    "auth.sign_in": "/sign-in",
    "auth.forgot": "/forgot-password",
    "api.docs": "/api/v1/docs",
    "verify.page": "/verify?code=0000-0000-0000-0000",
}
# In tests of their own below.
STEPS = {"ratings.show_rating", "auth.link", "auth.enrol", "auth.confirm", "auth.home"}
FAMILIES = ("desk.queue", "service_requests.show", "finance.workbench", "portal.home",
            "subscription.overview", "auth.account_page", "service_requests.new_request",
            "provider.companies", "provider.company", "provider.new_company_form",
            "provider.staff", "provider.person")  # fmt: skip
LIST_PAGES = (
    "import json; from app.factory import create_app; app = create_app(); print(json.dumps("
    "[rule.endpoint for rule in app.url_map.iter_rules() if 'GET' in rule.methods"
    " and app.scopes[rule.endpoint].kind != 'api']))"
)


@pytest.fixture(scope="module")
def known(system: System, people: People) -> dict[str, str]:
    """What stands in the addresses; the demonstration's control is worked on, so that it has
    everything."""

    def number(condition: str) -> int:
        found = system.rows(
            "SELECT r.number FROM requests r JOIN tenants t ON t.id = r.tenant_id"
            f" WHERE t.slug = 'lentier' AND {condition} ORDER BY r.number"
        )
        return int(found[0][0])

    control = number("r.item = 'payment_control'")
    page = f"{C}/requests/{control}"
    operator = Forms(people, OPERATOR)
    operator.send(page, "/start")
    operator.send(page, "/notes", body="Seulement entre nous.")
    operator.send(page, "/time", minutes="25", activity="Pointage")
    [line, other, *_] = unmatched(operator, f"{page}/payment-control?view=unmatched")
    operator.send(f"{page}/payment-control?view=unmatched", f"{other}/leave-open", note="frais")

    def one(table: str, condition: str, column: str = "id") -> str:
        found = system.rows(
            f"SELECT x.{column} FROM {table} x JOIN tenants t ON t.id = x.tenant_id"
            f" WHERE t.slug = 'lentier' AND {condition} ORDER BY x.id"
        )
        return str(found[0][0])

    operator.send("/desk/texts/new", "/desk/texts/new", name="Merci", body="Bonjour {contact},")
    operator.send("/desk/views/new?due=week", "/desk/views/new", name="Cette semaine", icon="star")
    [item, *_] = re.findall(
        r"/items/([0-9a-f-]{36})/match",
        operator.request.get(f"{operator.base}{page}/payment-control/items?state=open").text(),
    )
    asked = str(number("r.state = 'waiting_client'"))
    return {
        **furnish(system, people, control=str(control), asked=asked),
        "item": item, "entry": one("time_entries", "x.minutes > 0"),
        "member": one("members", "x.approver"), "admin": one("members", "x.role = 'client_admin'"),
        "mail": one("inbound_mails", "x.state = 'waiting'"),
        "guest": one("members", "x.role = 'guest'"),
        "grant": one("grants", "x.ended_at IS NULL"),
        "control": str(control), "asked": asked, "line": line,
        "operator": one("grants", "x.ended_at IS NULL", column="user_id"), "handover": str(system.rows("SELECT absence_id FROM handover_notes")[0][0]),
        "text": str(system.rows("SELECT id FROM text_modules ORDER BY id")[0][0]),
        "view": str(system.rows("SELECT id FROM saved_views ORDER BY id")[0][0]),
    }  # fmt: skip


def test_every_page_is_looked_at(system: System) -> None:
    found = subprocess.run(
        [sys.executable, "-c", LIST_PAGES], cwd=system.folder, env=system.environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert set(json.loads(found.stdout)) == {*PAGES, *PUBLIC, *STEPS, *OTHERS}


def test_pages_have_something_to_show(people: People, known: dict[str, str]) -> None:
    assert not missing(people, known)


# A wide light page and a dark phone for every change, all four under `make prove`.
FORMS: list[tuple[Literal["light", "dark"], Any]] = [
    ("light", DESKTOP), ("dark", PHONE), ("dark", DESKTOP), ("light", PHONE),
]  # fmt: skip


def in_both_schemes_and_on_a_phone(visit: Visit, path: str, *, heard: slice = slice(None)) -> None:
    """`heard` are the forms in which axe is asked; the page has to fit in all of them."""
    page = visit.page
    asked = FORMS if PROVE else FORMS[:2][heard]
    page.set_viewport_size(DESKTOP)
    visit.go(path)
    for scheme, size in FORMS if PROVE else FORMS[:2]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        visit.settle()
        assert page.locator("h1").count() >= 1, path
        if (scheme, size) in asked:
            visit.axe(f"{path}, {scheme}, {size['width']}")
        visit.fits()
    visit.quiet()


LANGUAGES = ("fr", "de", "en")


@pytest.mark.parametrize("endpoint", PAGES)
def test_pages_hold(system: System, people: People, known: dict[str, str], endpoint: str) -> None:
    """Each in the next language, and axe hears of it wide and light or narrow and dark by turns;
    of the most used ones in both. One look for each person; the other states of a page, and their
    colours, under `make prove`."""
    turn = list(PAGES).index(endpoint)
    heard = slice(None) if endpoint in FAMILIES else slice(turn % 2, turn % 2 + 1)
    language = "fr" if PROVE else LANGUAGES[turn % 3]
    with speaking(system, language):
        for email in sorted({email for email, _ in PAGES[endpoint]}):
            with people.visit(email) as visit:
                mine = [path.format(**known) for who, path in PAGES[endpoint] if who == email]
                for path in mine if PROVE else mine[:1]:
                    in_both_schemes_and_on_a_phone(visit, path, heard=heard)
                    assert visit.page.get_attribute("html", "lang") == language


@pytest.mark.skipif(not PROVE, reason="each page in one language for every change")
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_speaks(
    system: System, people: People, known: dict[str, str], language: str
) -> None:
    with speaking(system, language):
        for email in sorted({who for looks in PAGES.values() for who, _ in looks}):
            with people.visit(email) as visit:
                for looks in PAGES.values():
                    for who, path in looks:
                        if who == email:
                            in_both_schemes_and_on_a_phone(visit, path.format(**known))
                            assert visit.page.get_attribute("html", "lang") == language


LOCALES = ["fr-FR", "de-DE", "en-GB"]
FIRST_SECTIONS = (
    "[...document.querySelectorAll('.api-docs section')].slice(12).map(one => one.remove())"
)


@pytest.mark.parametrize("locale", LOCALES)
def test_public_pages_hold(people: People, locale: str) -> None:
    with people.visit(locale=locale) as visit:
        paths = [*PUBLIC.values(), "/no-such-page", "/link/no-such-token"]
        # Each page in one language, and all of them under `make prove`.
        for path in paths if PROVE else paths[LOCALES.index(locale) :: len(LOCALES)]:
            # axe takes a minute over the API's hundreds of tables, which are all of one form.
            long = path == PUBLIC["api.docs"]
            heard = slice(int(PROVE)) if long else slice(None)
            in_both_schemes_and_on_a_phone(visit, path, heard=heard)
            if long:
                visit.page.evaluate(FIRST_SECTIONS)
                visit.axe(path)
            assert visit.page.get_attribute("html", "lang") == locale[:2]


def test_the_first_way_in(system: System, people: People) -> None:
    """Invitation, password, authenticator, recovery codes, signing in with a code."""
    told = system.coulisse("provider", "administrator", "new@coulisse.example", "Ada Neu")
    link = next(word for word in told.split() if "/link/" in word)
    with people.visit() as visit:
        page = visit.page
        in_both_schemes_and_on_a_phone(visit, link)
        for field in page.locator("input[type=password]").all():
            field.fill("heron-lantern-quartz-meadow-41")
        page.click("main button[type=submit]")
        page.wait_for_url("**/sign-in/enrol*")
        both(visit)
        secret = page.locator("main code").first.inner_text()
        page.fill("[name=code]", pyotp.TOTP(secret.replace(" ", "")).now())
        page.get_by_role("button").filter(has_text=re.compile("Confirm")).first.click()
        expect(page.locator("main li, main code").first).to_be_visible()
        both(visit)
    account = people.account("admin@coulisse.example")
    with people.visit() as visit:
        page = visit.go("/sign-in").page
        page.fill("[name=email]", account.email)
        page.fill("[name=password]", account.password)
        page.click("main button[type=submit]")
        page.wait_for_url("**/sign-in/code*")
        both(visit)
        page.fill("[name=code]", people.codes.next(account))
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        both(visit)


def test_how_it_went_by_a_signed_link(people: People, known: dict[str, str]) -> None:
    with people.visit(CLIENT_USER) as visit:
        link = visit.go(f"{C}/").page.get_attribute('a[href*="/rate/"]', "href")
    assert link
    with people.visit(locale="fr-FR") as visit:
        in_both_schemes_and_on_a_phone(visit, link)
        visit.page.locator("[name=score]").first.check()
        visit.page.click("main button[type=submit], main form button")
        both(visit)
        visit.go(f"{link}x")
        both(visit)


def both(visit: Visit) -> None:
    visit.settle()
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        visit.axe(f"{visit.page.url}, {scheme}")
    visit.fits()


def test_the_menu_opens_on_a_phone(people: People) -> None:
    with people.visit(CLIENT_USER, viewport=PHONE, is_mobile=True, has_touch=True) as visit:
        page: Page = visit.go(f"{C}/").page
        page.locator(".menu-toggle").click()
        expect(page.locator("#sidenav")).to_be_visible()
        visit.station("telephone-menu")
        page.locator(".bar-user").click()
        expect(page.locator("#user-menu")).to_be_visible()
        visit.station("telephone-compte-menu")


def test_for_whom_one_acts_stays_in_sight(people: People, known: dict[str, str]) -> None:
    with people.visit(OPERATOR) as visit:
        page = visit.go(f"{R}/payment-control".format(**known)).page
        for _ in range(15):
            page.keyboard.press("j")
        assert page.evaluate("scrollY") > 300
        expect(page.locator(".topbar")).to_be_in_viewport(ratio=1)
        expect(page.locator(".client-banner")).to_be_in_viewport(ratio=1)
        for _ in range(12):
            page.keyboard.press("k")
        bar = page.locator(".client-banner").bounding_box()
        line = page.locator(".line:focus").bounding_box()
        assert bar
        assert line
        assert line["y"] >= bar["y"] + bar["height"], "the line with the focus is hidden"
