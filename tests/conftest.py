"""One cloned database a worker, fresh tenants a test, no clean-up. Engines start for tests that ask
for them: what needs neither database nor application runs without."""

from __future__ import annotations

import base64
import gc
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event, text

from tests.effort import effort

if TYPE_CHECKING:
    from dev.engines import Engines, Urls
    from tests.factories import Person, Stage, World

# Many processes start here, and each would compile the sources anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
ROOT = Path(__file__).resolve().parent.parent
BASE_URL = "http://localhost"
ClientFactory = Callable[..., FlaskClient]
# Folders whose tests share one running system.
SYSTEMS = ("browser", "journeys")
LONGEST = (*SYSTEMS, "quarter", "workers", "web", "isolation", "faults", "api", "dev")
# Statements that belong to no request in particular.
BETWEEN = ("SELECT set_config(", "SELECT catalogue_items.", "SELECT catalogue_versions.")
# How fast examples come says something of the machine, nothing of the rule.
settings.register_profile(
    "house", max_examples=effort(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests go to one worker, and so do all that share one running system."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class ByFileOrSystem(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            folder = _folder(nodeid)
            return folder if folder in SYSTEMS else nodeid.split("::", 1)[0]

    config.option.loadscopereorder = False
    return ByFileOrSystem(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is left alone with it at the end."""
    order = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(_folder(item.nodeid), len(order)))


def pytest_configure() -> None:
    """Looking for garbage as often as Python does by itself takes a fifth of the time."""
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_finish() -> None:
    """What was imported stays until the end."""
    gc.collect()
    gc.freeze()


def _folder(nodeid: str) -> str:
    return nodeid.split("/")[1] if nodeid.count("/") > 1 else ""


@pytest.fixture(autouse=True)
def _no_application_context_around() -> Iterator[None]:
    """`g` and the session would be shared between the test and its requests."""
    assert not has_app_context(), "an earlier test left an application context open"
    yield
    assert not has_app_context(), "this test left an application context open"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser a worker: Playwright takes a thread for itself."""
    program = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(program).exists():
        pytest.skip("chromium is missing: install Debian's chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-default-apps"]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=quiet)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def worker_number() -> int:
    found = re.search(r"\d+$", os.environ.get("PYTEST_XDIST_WORKER", ""))
    return int(found[0]) if found else 0


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """PostgreSQL and Valkey under .local/test, shared by all workers."""
    from dev.engines import Engines

    running = Engines(ROOT / ".local" / "test", fsync=False)
    running.up()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def urls(engines: Engines, worker_number: int) -> Iterator[Urls]:
    """Where this worker's own database and Valkey number are."""
    from dataclasses import replace

    from dev import database

    name = f"test_{worker_number}_{os.getpid()}"
    drop_databases_of_the_dead(engines)
    found = database.clone(engines, database.template_database(engines), name)
    yield replace(found, redis=found.redis.replace("db=0", f"db={worker_number % 15 + 1}"))
    database.drop(engines, name)


def drop_databases_of_the_dead(engines: Engines) -> None:
    """Their names end in the process that made them."""
    from dev import database

    with database.connected(engines.urls.superuser) as admin:
        names = list(
            admin.scalars(
                text(r"SELECT datname FROM pg_database WHERE datname ~ '^(test|scratch|mutants?)_'")
            )
        )
    for name in names:
        process = name.rpartition("_")[2]
        if process.isdigit() and not Path(f"/proc/{process}").exists() and Path("/proc").exists():
            with suppress(Exception):
                database.drop(engines, name)


@pytest.fixture(scope="session")
def environment(urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What a process of the product is told; also for subprocesses that a test starts."""
    folder = tmp_path_factory.mktemp("local")
    values = {
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "DATABASE_DISPATCHER_URL": urls.dispatcher,
        "REDIS_URL": urls.redis,
        "FILES_URL": f"file://{folder / 'files'}",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "COULISSE_MASTER_KEY": base64.b64encode(b"a key for tests: 32 bytes long.!").decode(),
        "COULISSE_BASE_URL": BASE_URL,
        "COULISSE_LOCAL": str(folder),
        "COULISSE_DEMO": "1",
        "COULISSE_LOCAL_WEBHOOKS": "1",
        "COULISSE_RATE_LIMITS": "0",
        # Messages leave at once, but where a test waits for them.
        "COULISSE_HOLD_SECONDS": "0",
        "COULISSE_LOG_LEVEL": "WARNING",
        "MAIL_IN_DOMAIN": "in.coulisse.example",
        "MAIL_IN_AUTHSERV_ID": "mx.coulisse.example",
        "MAIL_IN_HOOK_SECRET": "a secret of the mail server",
        "DATABASE_POOL_SIZE": "4",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "STRIPE_SECRET_KEY": "sk_test_sim",
        "STRIPE_WEBHOOK_SECRET": "whsec_test",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield values


@pytest.fixture(scope="session")
def superuser(urls: Urls) -> Iterator[Engine]:
    """Sees and changes everything: for arranging and for looking behind the policies."""
    engine = create_engine(urls.superuser, pool_size=1, max_overflow=4)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def app(environment: dict[str, str], superuser: Engine) -> Iterator[Flask]:
    from app.auth import passwords
    from app.factory import create_app
    from tenants.core.db import db
    from tenants.models import PROVIDER_TENANT
    from tenants.scoping import Scope
    from tenants.services.companies import ensure_provider
    from tests.factories import Stage, acting
    from tests.factories.people import CHEAP, now

    made = create_app()
    made.config["TESTING"] = False
    nobody = CHEAP.hash("nobody's")
    with acting(Stage(made, superuser), Scope(tenant_id=PROVIDER_TENANT, side="provider")):
        ensure_provider(now=now())
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        # the product's own takes a tenth of a second; processes that tests start keep it
        patch.setattr(passwords, "_hasher", CHEAP)
        patch.setattr(passwords, "_NOBODY", nobody)
        yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def stage(app: Flask, superuser: Engine) -> Stage:
    from tests.factories import Stage

    return Stage(app, superuser)


@pytest.fixture
def world(stage: Stage) -> World:
    from tests.factories import make_world

    return make_world(stage)


@pytest.fixture
def client(app: Flask) -> ClientFactory:
    """`client()` is an anonymous browser; `client(same_origin=False)` says nothing of where its
    requests come from."""

    def make(*, same_origin: bool = True, of: Flask | None = None) -> FlaskClient:
        browser = (of or app).test_client()
        if same_origin:
            browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        return browser

    return make


@pytest.fixture
def sign_in_as(stage: Stage, client: ClientFactory) -> Callable[..., FlaskClient]:
    """A browser in which this person is signed in, by a session row of its own (no form, fast)."""

    def sign_in(person: Person, *, second_factor: bool | None = None) -> FlaskClient:
        from tests.factories import make_session

        browser = client()
        token = make_session(stage, person, second_factor=second_factor)
        browser.set_cookie("coulisse", token, domain="localhost")
        return browser

    return sign_in


@pytest.fixture
def api_as(stage: Stage, app: Flask) -> Callable[..., FlaskClient]:
    """A program with a token of this person for a company (a member's own by default)."""

    def connect(person: Person, company: Any = None, **token: Any) -> FlaskClient:
        from tests.factories.tokens import make_token

        where = company or person.company
        assert where is not None, "say for which company"
        plain = make_token(stage, where, person, **token)
        program = app.test_client()
        program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
        return program

    return connect


@pytest.fixture
def sign_in_by_form(client: ClientFactory) -> Callable[..., FlaskClient]:
    """The same through the pages, second factor included."""

    def sign_in(person: Person, *, at: float | None = None) -> FlaskClient:
        from tests.factories import PASSWORD

        browser = client()
        answer = browser.post("/sign-in", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        if person.totp_secret:
            answer = browser.post("/sign-in/code", data={"code": person.code(at=at)})
            assert answer.status_code == 303, answer.text
        return browser

    return sign_in


@dataclass
class Statements:
    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], Any]:
    """`with count_statements() as found: …` then `len(found)`: what went to the database, the
    binding of the scope (one a transaction) and the look every few seconds which items of the
    catalogue hold left out."""

    @contextmanager
    def counting() -> Iterator[Statements]:
        from tenants.core.db import db

        found = Statements()

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(BETWEEN):
                found.texts.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
