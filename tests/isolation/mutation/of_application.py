"""The scope of transactions, declared endpoints, the table of rights, and every place that asks
for a right or a second factor."""

import ast
import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tenants import permissions, scoping
from tenants.endpoints import EndpointScope
from tests.isolation.access import PROVIDERS
from tests.isolation.mutation.mutant import Mutant, Mutants

ROOT = Path(__file__).parents[3]
SETTING = re.compile(r"set_config\('([\w.]+)', (%\(\w+\)s), true\)")
# The next weaker door; a client's page for an account would serve everybody signed in.
WEAKER = {"account": "signed_in", "signed_in": "public", "tenant": "account",
          **dict.fromkeys(PROVIDERS, "account")}  # fmt: skip
LEAST = {"tenant": "request.read", **dict.fromkeys(PROVIDERS, "desk.use")}
# Functions whose whole effect is a refusal.
GUARDS = ("app.web.csrf:refuse_cross_site", "tenants.scoping:_own_rows")


def of_application() -> Mutants:
    yield from _scope()
    yield from _endpoints()
    yield from _rights()
    yield from _places()
    for place in GUARDS:
        yield Mutant("guard", place, patch=_silenced(place))


def _scope() -> Mutants:
    bound = scoping.BIND
    for match in SETTING.finditer(bound):
        call, name = match[0], match[1]
        for what, other in (
            ("not set", call.replace(f"'{name}'", "'app.nothing'")),
            ("outlives the transaction", call.replace(", true)", ", false)")),
        ):
            yield Mutant("scope", f"{name} {what}", patch=_bound(bound.replace(call, other)))


def _bound(statement: str) -> Callable[[], None]:
    def patch() -> None:
        scoping.BIND = statement

    return patch


def _endpoints() -> Mutants:
    for name, view, kind, permission, token_scope in _declared():
        weaker = WEAKER.get(kind)
        if weaker:
            yield Mutant(
                "endpoint", f"{name} as {weaker}",
                patch=_declared_as(view, EndpointScope(weaker)),
            )  # fmt: skip
        least = LEAST.get(kind, permission)
        if permission != least:
            yield Mutant(
                "endpoint", f"{name} for {least} instead of {permission}",
                patch=_declared_as(view, EndpointScope(kind, least)),
            )  # fmt: skip
        if kind == "api" and permission not in ("", LEAST["tenant"]):
            yield Mutant(
                "operation", f"{name} for everybody instead of {permission}",
                patch=_declared_as(view, EndpointScope("api", token_scope=token_scope or None)),
            )  # fmt: skip
        if kind == "api" and token_scope:
            yield Mutant(
                "operation", f"{name} for every token instead of {token_scope}",
                patch=_declared_as(view, EndpointScope("api", permission or None)),
            )  # fmt: skip


def _declared() -> Iterator[tuple[str, str, str, str, str]]:
    """Asked of an application in a process of its own: making one changes what is global."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        try:
            os.close(reader)
            with os.fdopen(writer, "w") as out:
                json.dump(_scopes(), out)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as given:
        said = given.read()
    os.waitpid(child, 0)
    for row in json.loads(said):
        yield tuple(row)


def _scopes() -> list[Any]:
    from tests.isolation.mutation.running import SILENT_ENVIRONMENT

    os.environ.update(SILENT_ENVIRONMENT)
    from app.factory import create_app

    app = create_app()
    return [
        (
            endpoint,
            _where(app.view_functions[endpoint]),
            scope.kind,
            scope.permission or "",
            scope.token_scope or "",
        )
        for endpoint, scope in sorted(app.scopes.items())
    ]


def _where(view: Any) -> str:
    return f"{view.__module__}.{view.__qualname__}"


def _declared_as(view: str, scope: EndpointScope) -> Callable[[], None]:
    def patch() -> None:
        factory: Any = importlib.import_module("app.factory")
        before = factory.scope_of
        factory.scope_of = lambda v: scope if _where(v) == view else before(v)

    return patch


def _rights() -> Mutants:
    client, level, staff = (
        permissions.MEMBER_RIGHTS, permissions.GRANT_RIGHTS, permissions.STAFF_RIGHTS,
    )  # fmt: skip
    everywhere = frozenset[str]().union(*staff.values())
    inside = permissions.ALL_PERMISSIONS - everywhere
    for table, wanted in ((client, inside), (level, inside), (staff, everywhere | inside)):
        for holder, held in table.items():
            for right in sorted(wanted - held):
                yield Mutant("right", f"{right} for {holder}", patch=_given(table, holder, right))
    for right in sorted(inside - permissions.APPROVER_RIGHTS - _of_every(client)):
        yield Mutant("right", f"{right} for every approver", patch=_given_to_approvers(right))


def _of_every(table: dict[str, frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*table.values())


def _given(table: dict[str, frozenset[str]], holder: str, right: str) -> Callable[[], None]:
    def patch() -> None:
        table[holder] |= {right}

    return patch


def _given_to_approvers(right: str) -> Callable[[], None]:
    def patch() -> None:
        permissions.APPROVER_RIGHTS |= {right}

    return patch


def _places() -> Mutants:
    for folder in ("app", "billing", "tenants"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                if node.func.attr in ("require", "require_second_factor"):
                    place = f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
                    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                    yield Mutant(
                        "place", f"{place}, line {node.lineno}",
                        patch=_skipped(node.func.attr, str(path), lines),
                    )  # fmt: skip


def _skipped(verb: str, file: str, lines: range) -> Callable[[], None]:
    def patch() -> None:
        before = getattr(permissions.Actor, verb)

        def sometimes(self: Any, *args: Any, **kwargs: Any) -> None:
            caller = sys._getframe(1)
            if not (caller.f_code.co_filename == file and caller.f_lineno in lines):
                before(self, *args, **kwargs)

        setattr(permissions.Actor, verb, sometimes)

    return patch


def _silenced(place: str) -> Callable[[], None]:
    module, name = place.split(":")

    def patch() -> None:
        found = importlib.import_module(module)
        before = getattr(found, name)
        if module == "tenants.scoping":
            from sqlalchemy import event

            event.remove(found.AppSession, "before_flush", before)
        setattr(found, name, lambda *_args, **_kwargs: None)

    return patch
