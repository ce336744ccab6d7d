"""Every route's answer, errors too, carries all security headers."""

from typing import Any

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


def test_every_route_and_error_carries_the_headers(
    app: Any, stage: Any, world: Any, sign_in_as: Any, client: Any
) -> None:
    case = examples.make_examples(stage, world.a, world.operator_a, skip=0)
    values = {"ref": "others", "token": "x", "digest": "x", "name": "x"} | case.values
    wrong = []
    for browser in (sign_in_as(world.a.admin), sign_in_as(world.operator_a), client()):
        for rule in app.url_map.iter_rules():
            if rule.endpoint in ("auth.sign_out", "auth.end_session"):
                continue
            path = examples.build(app, rule, values)
            for method in sorted(rule.methods or set()):
                page = browser.open(path, method=method)
                found = missing(page)
                if found:
                    wrong.append((method, rule.rule, page.status_code, found))
                if page.status_code == 200 and rule.rule.startswith("/c/"):
                    cache = page.headers.get("Cache-Control", "")
                    if "public" in cache:
                        wrong.append((method, rule.rule, page.status_code, ["shared cache"]))
        for path in ("/nowhere", "/c/nowhere/requests/x", "/assets/x/y.css"):
            found = missing(browser.get(path))
            if found:
                wrong.append(("GET", path, 404, found))
    assert not wrong
