"""What a browser sends from a request's page."""

from __future__ import annotations

import io
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import Stage
from tests.factories.lifecycle import Made, version_of

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def send(
    stage: Stage, browser: FlaskClient, made: Made, verb: str, *, headers: Any = None, **data: Any
) -> TestResponse:
    """A form of the page as it stands now; `client=` and `version=` stand for an older one."""
    form = {"client": made.company.slug, "version": version_of(stage, made), **data}
    return browser.post(f"{made.url}/{verb}", data=form, headers=headers or {})


def package_on(browser: FlaskClient, made: Made) -> str:
    """The hash that the page asks the approver to decide on."""
    found = re.search(r'name="sha256" value="([0-9a-f]{64})"', browser.get(made.url).text)
    assert found
    return found[1]


def pdf(content: bytes = b"%PDF-1.7 result", name: str = "result.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name
