"""A person at a browser: signed in once, watched for complaints of the page."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import pyotp
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, ViewportSize

from tests.accessibility import violations
from tests.effort import PROVE
from tests.journeys.system import PROJECT, Account, System

ARTEFACTS = PROJECT / "test-artifacts"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Colours that are still changing have no contrast yet.
USUAL: dict[str, Any] = {"viewport": DESKTOP, "locale": "fr-FR", "reduced_motion": "reduce"}
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


WITHOUT_CHOICES = """
    all => all.filter(one => one.required && ![...one.options].some(option => option.value))
        .map(one => one.name)
"""


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

    def axe(self, name: str = "", *, contrast: bool = True) -> None:
        """No violation of WCAG 2.2 A and AA as the page stands."""
        said = violations(self.page, contrast=contrast)
        assert not said, f"{name or self.page.url}\n" + "\n".join(said)

    def fits(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than its window"
        empty = self.page.eval_on_selector_all("select", WITHOUT_CHOICES)
        assert not empty, f"{self.page.url} asks for {empty} and offers nothing"

    def station(self, name: str, *, whole: bool = False) -> None:
        """A proof for the tests, a picture for people. For every change axe hears of each second
        one, but for colours: all pages are in `test_every_page`, these are the same in other
        states."""
        self.settle()
        self.shot(name, whole=whole)
        if PROVE or crc32(name.encode()) % 2:
            self.axe(name, contrast=PROVE)
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


@dataclass
class Window:
    """A browser of its own with one page. `look` is how it was asked for."""

    look: str
    visit: Visit
    taken: bool = False

    def furnish(self, cookies: list[Any], options: dict[str, Any]) -> None:
        page = self.visit.page
        page.context.clear_cookies()
        if cookies:
            page.context.add_cookies(cookies)
        page.emulate_media(color_scheme=options.get("color_scheme", "light"))
        page.set_viewport_size(options.get("viewport", DESKTOP))

    def clear(self) -> None:
        """An address of ours that holds nothing: another process would cost a second."""
        page = self.visit.page
        self.visit.forget()
        page.unroute_all()
        page.goto(f"{self.visit.url}/healthz")
        for other in page.context.pages:
            if other is not page:
                other.close()


class People:
    """Everybody of the demonstration; each signs in through the pages once."""

    def __init__(self, system: System, browser: Browser) -> None:
        self.system, self.browser = system, browser
        self.codes = Codes()
        self._states: dict[str, Any] = {}
        self._windows: list[Window] = []
        self._requests: dict[str, APIRequestContext] = {}

    def account(self, email: str) -> Account:
        return self.system.accounts[email]

    def knows(self, account: Account, state: Any) -> None:
        """Somebody who joined while the system ran, and is signed in."""
        self.system.accounts[account.email] = account
        self._states[account.email] = state

    def context(self, email: str | None = None, **options: Any) -> BrowserContext:
        if email and email not in self._states:
            self._states[email] = self._sign_in(email)
        options = USUAL | options
        state = self._states[email] if email else None
        context = self.browser.new_context(storage_state=state, **options)
        context.set_default_timeout(15_000)
        context.add_init_script(NOTE_REFUSALS)
        return context

    def request(self, email: str) -> APIRequestContext:
        """What sends a signed in person's requests without a page."""
        if email not in self._requests:
            self._requests[email] = self.context(email).request
        return self._requests[email]

    @contextmanager
    def visit(self, email: str | None = None, **options: Any) -> Iterator[Visit]:
        """Somebody at a window, which may have been another's before: what the browser has fetched
        stays; cookies and what pages kept don't."""
        window = self._window(email, options)
        with self._helped(window):
            yield window.visit
            window.visit.quiet()
            window.clear()

    def _window(self, email: str | None, options: dict[str, Any]) -> "Window":
        """A new one costs ten times as much as a page."""
        if email and email not in self._states:
            self._states[email] = self._sign_in(email)
        look = json.dumps(USUAL | options, sort_keys=True)
        free = [one for one in self._windows if one.look == look and not one.taken]
        if not free:
            context = self.context(**options)
            free = [Window(look, Visit(context.new_page(), self.system.url))]
            watch(free[0].visit)
            self._windows += free
        window = free[0]
        window.taken = True
        window.furnish(self._states[email]["cookies"] if email else [], options)
        return window

    @contextmanager
    def _helped(self, window: "Window") -> Iterator[None]:
        """Says what the product logged when it goes wrong, and begins anew then."""
        try:
            yield
        except Exception as error:
            said = [line for line in self.system.log("web").splitlines() if '"error"' in line]
            error.add_note("the product's log: " + ("\n".join(said[-3:]) or "no error"))
            with suppress(Exception):
                window.visit.picture(f"failed-{int(time.time())}", whole=True)
            self._windows = [one for one in self._windows if one is not window]
            window.visit.page.context.close()
            raise
        window.taken = False

    def _sign_in(self, email: str) -> Any:
        """By the forms, undrawn: a page in a context of its own costs seconds. The test of the
        first way in draws them."""
        account = self.account(email)
        context = self.browser.new_context(locale="fr-FR")
        steps = [("/sign-in", {"email": account.email, "password": account.password})]
        if account.totp_secret:
            steps.append(("/sign-in/code", {"code": self.codes.next(account)}))
        for path, form in steps:
            answer = context.request.post(
                self.system.url + path, form=dict(form), headers={"Sec-Fetch-Site": "same-origin"}
            )
        assert "/sign-in" not in answer.url, answer.text()
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
