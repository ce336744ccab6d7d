"""Every route's answer, errors too, carries all security headers."""

from typing import Any

from tests.effort import PROVE
from tests.isolation import examples

ALWAYS = {
    "Content-Security-Policy": "require-trusted-types-for 'script'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}


def missing(page: Any) -> list[str]:
    csp = page.headers.get("Content-Security-Policy", "")
    wrong = [name for name, part in ALWAYS.items() if part not in page.headers.get(name, "")]
    if wrong == ["Content-Security-Policy"] and "sandbox" in csp:
        wrong = []
    if "unsafe" in csp or "*" in csp or "default-src 'none'" not in csp:
        wrong.append("loose Content-Security-Policy")
    return wrong


def faults(browser: Any, path: str, method: str) -> list[Any]:
    page = browser.open(path, method=method)
    found: list[Any] = [(method, path, page.status_code, missing(page))] if missing(page) else []
    if path.startswith(("/c/", "/api/v1/requests")) and "public" in page.headers.get(
        "Cache-Control", ""
    ):
        found.append((method, path, page.status_code, "shared cache"))
    return found


def test_every_route_and_error_carries_the_headers(
    app: Any, stage: Any, world: Any, sign_in_as: Any, client: Any, api_as: Any
) -> None:
    case = examples.make_examples(stage, world.a, world.operator_a, skip=0)
    values = {"ref": "others", "token": "x", "digest": "x", "name": "x"} | case.values
    ends_the_session = ("auth.sign_out", "auth.end_session")
    routes = [
        (examples.build(app, rule, values), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in ends_the_session
        for method in sorted(rule.methods or set())
    ]
    routes += [(path, "GET") for path in ("/nowhere", "/c/nowhere/requests/x", "/assets/x/y.css")]
    browsers = (
        sign_in_as(world.a.admin),
        sign_in_as(world.operator_a),
        client(),
        api_as(world.a.user),
        api_as(world.operator_a, world.a),
    )
    # One of them asks for each, in turns; under `make prove` all of them do.
    wrong = [fault for turn, (path, method) in enumerate(routes)
             for browser in (browsers if PROVE else [browsers[turn % len(browsers)]])
             for fault in faults(browser, path, method)]  # fmt: skip
    assert not wrong
