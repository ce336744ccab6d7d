"""A person at a browser: signed in once, watched for complaints of the page."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import pyotp
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.accessibility import violations
from tests.effort import PROVE
from tests.journeys.system import PROJECT, Account, System

ARTEFACTS = PROJECT / "test-artifacts"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
STEP = 30
NOTE_REFUSALS = (
    "window.refused = []; document.addEventListener('securitypolicyviolation',"
    " (event) => window.refused.push([event.violatedDirective, event.blockedURI, event.sourceFile,"
    " event.lineNumber, event.columnNumber, event.sample, event.target?.outerHTML?.slice(0, 300)"
    "].join(' ')))"
)

SETTLED = (
    "document.readyState === 'complete'"
    " && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
)


@dataclass
class Codes:
    """A code is good once, and only one newer than the last: also across sign-in and approval."""

    used: dict[str, int] = field(default_factory=dict)

    def next(self, account: Account) -> str:
        assert account.totp_secret
        while True:
            now = int(time.time()) // STEP
            step = max(now - 1, self.used.get(account.email, 0) + 1)
            # at its very end the window moves on before the code arrives
            if step == now - 1 and time.time() % STEP > STEP - 4:
                step = now
            if step <= now + 1:
                self.used[account.email] = step
                return str(pyotp.TOTP(account.totp_secret).at(step * STEP))
            time.sleep(0.5)


@dataclass
class Visit:
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> "Visit":
        self.page.goto(path if path.startswith("http") else self.url + path)
        return self

    def shot(self, name: str, *, whole: bool = False) -> None:
        """For people to look at: by `make prove`."""
        if PROVE:
            self.picture(name, whole=whole)

    def picture(self, name: str, *, whole: bool = False) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        if whole:
            self.page.evaluate("scrollTo(0, 0)")
        # hiding the caret would leave style attributes behind, which htmx then copies
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole, caret="initial")

    def axe(self, name: str = "") -> None:
        """No violation of WCAG 2.2 A and AA as the page stands."""
        said = violations(self.page)
        assert not said, f"{name or self.page.url}\n" + "\n".join(said)

    def fits(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than its window"

    def station(self, name: str, *, whole: bool = False) -> None:
        """A proof for the tests, a picture for people. For every change axe hears of each second
        one: all pages are in `test_every_page`, these are the same in other states."""
        self.settle()
        self.shot(name, whole=whole)
        if PROVE or crc32(name.encode()) % 2:
            self.axe(name)
        self.fits()
        self.quiet()

    def settle(self) -> None:
        """`wait_for_function` would be stopped by the pages' own policy."""
        deadline = time.monotonic() + 10
        while not self.page.evaluate(SETTLED):
            assert time.monotonic() < deadline, "the page does not come to rest"
            self.page.wait_for_timeout(30)

    def forget(self) -> None:
        """What pages kept in the browser."""
        if self.page.url.startswith(self.url):
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")

    def quiet(self) -> None:
        said = self.complaints + self.page.evaluate("window.refused ?? []")
        assert not said, "\n".join(said)


def watch(visit: Visit) -> None:
    def heard(message: Any) -> None:
        policy = re.search(r"Content Security Policy|Trusted ?Types|Refused to", message.text)
        loading = "Failed to load resource" in message.text
        if policy or (message.type == "error" and not loading):
            visit.complaints.append(message.text)

    visit.page.on("console", heard)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))


class People:
    """Everybody of the demonstration; each signs in through the pages once."""

    def __init__(self, system: System, browser: Browser) -> None:
        self.system, self.browser = system, browser
        self.codes = Codes()
        self._states: dict[str, Any] = {}
        self._kept: dict[str, BrowserContext] = {}
        self._seats: dict[str, Visit] = {}

    def account(self, email: str) -> Account:
        return self.system.accounts[email]

    def knows(self, account: Account, state: Any) -> None:
        """Somebody who joined while the system ran, and is signed in."""
        self.system.accounts[account.email] = account
        self._states[account.email] = state

    def context(self, email: str | None = None, **options: Any) -> BrowserContext:
        if email and email not in self._states:
            self._states[email] = self._sign_in(email)
        # colours that are still changing have no contrast yet
        still: dict[str, Any] = {"viewport": DESKTOP, "locale": "fr-FR", "reduced_motion": "reduce"}
        options = still | options
        state = self._states[email] if email else None
        context = self.browser.new_context(storage_state=state, **options)
        context.set_default_timeout(15_000)
        context.add_init_script(NOTE_REFUSALS)
        return context

    @contextmanager
    def visit(self, email: str | None = None, **options: Any) -> Iterator[Visit]:
        """A new page. What the browser has fetched stays; cookies and what pages kept don't."""
        context = self._own(email, options)
        visit = Visit(context.new_page(), self.system.url)
        watch(visit)
        with self._helped(visit, context):
            yield visit
            visit.quiet()
            visit.forget()
        for page in context.pages:
            page.close()

    @contextmanager
    def seat(self, email: str) -> Iterator[Visit]:
        """The same page each time, for looking at one address after the other."""
        if email not in self._seats:
            self._seats[email] = Visit(self.context(email).new_page(), self.system.url)
            watch(self._seats[email])
        visit = self._seats[email]
        visit.page.emulate_media(color_scheme="light")
        visit.page.set_viewport_size(DESKTOP)
        with self._helped(visit, visit.page.context):
            yield visit
            visit.quiet()
            visit.forget()

    def _own(self, email: str | None, options: dict[str, Any]) -> BrowserContext:
        key = f"{email} {sorted(options.items())}"
        if key not in self._kept:
            self._kept[key] = self.context(email, **options)
        context = self._kept[key]
        context.clear_cookies()
        if email:
            context.add_cookies(self._states[email]["cookies"])
        return context

    @contextmanager
    def _helped(self, visit: Visit, context: BrowserContext) -> Iterator[None]:
        """Says what the product logged when it goes wrong, and begins anew then."""
        try:
            yield
        except Exception as error:
            said = [line for line in self.system.log("web").splitlines() if '"error"' in line]
            error.add_note("the product's log: " + ("\n".join(said[-3:]) or "no error"))
            with suppress(Exception):
                visit.picture(f"failed-{int(time.time())}", whole=True)
            self._kept = {key: one for key, one in self._kept.items() if one is not context}
            self._seats = {key: one for key, one in self._seats.items() if one is not visit}
            context.close()
            raise

    def _sign_in(self, email: str) -> Any:
        account = self.account(email)
        context = self.context()
        page = context.new_page()
        page.goto(f"{self.system.url}/sign-in")
        page.fill("[name=email]", account.email)
        page.fill("[name=password]", account.password)
        page.click("main button[type=submit]")
        if account.totp_secret:
            page.wait_for_url("**/sign-in/code*")
            page.fill("[name=code]", self.codes.next(account))
            page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        state = context.storage_state()
        context.close()
        return state


@contextmanager
def speaking(system: System, language: str) -> Iterator[None]:
    """Everybody's pages in this language, and back."""
    before = system.rows("SELECT id, language FROM users")
    system.rows("UPDATE users SET language = %(language)s", language=language)
    try:
        yield
    finally:
        people, own = zip(*before, strict=True)
        system.rows(
            "UPDATE users SET language = before.own FROM"
            " unnest(%(people)s::uuid[], %(own)s::text[]) AS before (id, own)"
            " WHERE users.id = before.id",
            people=list(people), own=list(own),
        )  # fmt: skip
