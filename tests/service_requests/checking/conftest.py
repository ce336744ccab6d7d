from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_rates(request):
    """Rates hold at every client, so at those of other tests too."""
    if "stage" in request.fixturenames:
        request.getfixturevalue("stage").run("DELETE FROM review_rates")
    yield
    if "stage" in request.fixturenames:
        request.getfixturevalue("stage").run("DELETE FROM review_rates")
