"""The scope of transactions, declared endpoints, the table of rights, and every place that asks
for a right or a second factor."""

import ast
import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tenants import permissions, scoping
from tenants.endpoints import EndpointScope
from tests.isolation.access import PROVIDERS
from tests.isolation.mutation.equivalent import ASKED_TWICE
from tests.isolation.mutation.mutant import Mutant, Mutants

ROOT = Path(__file__).parents[3]
SETTING = re.compile(r"set_config\('([\w.]+)', (%\(\w+\)s), true\)")
# The next weaker door; a client's page for an account would serve everybody signed in.
WEAKER = {"account": "signed_in", "signed_in": "public", "tenant": "account",
          **dict.fromkeys(PROVIDERS, "account")}  # fmt: skip
LEAST = {"tenant": "request.read", **dict.fromkeys(PROVIDERS, "desk.use")}
# Name, kind, permission and token's scope of an endpoint.
Declared = tuple[str, str, str, str]
# Puts a protection out of force and answers what puts it back.
Change = Callable[[], Callable[[], None]]
ASKS = ("require", "require_second_factor")
# Functions whose whole effect is a refusal.
GUARDS = ("app.web.csrf:refuse_cross_site", "tenants.scoping:_own_rows")


def of_application() -> Mutants:
    yield from _scope()
    declared = list(_declared())
    for mutant in _endpoints(declared):
        yield mutant
        if mutant.name in ASKED_TWICE:
            yield _asked_by_nobody(mutant)
    yield from _rights(declared)
    yield from _places()
    for place in GUARDS:
        yield Mutant("guard", place, change=_silenced(place))


def _scope() -> Mutants:
    bound = scoping.BIND
    for match in SETTING.finditer(bound):
        call, name = match[0], match[1]
        for what, other in (
            ("not set", call.replace(f"'{name}'", "'app.nothing'")),
            ("outlives the transaction", call.replace(", true)", ", false)")),
        ):
            yield Mutant("scope", f"{name} {what}", change=_bound(bound.replace(call, other)))


def _bound(statement: str) -> Change:
    return _replaced("tenants.scoping", "BIND", statement)


def _replaced(module: str, name: str, value: Any) -> Change:
    def change() -> Callable[[], None]:
        found = importlib.import_module(module)
        before = getattr(found, name)
        setattr(found, name, value(before) if callable(value) else value)
        return lambda: setattr(found, name, before)

    return change


def _endpoints(declared: Sequence[Declared]) -> Mutants:
    for name, kind, permission, token_scope in declared:
        weaker = WEAKER.get(kind)
        if weaker:
            yield Mutant(
                "endpoint", f"{name} as {weaker}",
                change=_declared_as(name, EndpointScope(weaker)), focus=frozenset({name}),
            )  # fmt: skip
        least = LEAST.get(kind, permission)
        if permission != least:
            yield Mutant(
                "endpoint", f"{name} for {least} instead of {permission}",
                change=_declared_as(name, EndpointScope(kind, least)), focus=frozenset({name}),
            )  # fmt: skip
        if kind == "api" and permission not in ("", LEAST["tenant"]):
            yield Mutant(
                "operation", f"{name} for everybody instead of {permission}",
                change=_declared_as(name, EndpointScope("api", token_scope=token_scope or None)), focus=frozenset({name}),
            )  # fmt: skip
        if kind == "api" and token_scope:
            yield Mutant(
                "operation", f"{name} for every token instead of {token_scope}",
                change=_declared_as(name, EndpointScope("api", permission or None)), focus=frozenset({name}),
            )  # fmt: skip


def _declared() -> Iterator[Declared]:
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
        (endpoint, scope.kind, scope.permission or "", scope.token_scope or "")
        for endpoint, scope in sorted(app.scopes.items())
    ]


def _declared_as(endpoint: str, scope: EndpointScope) -> Change:
    """Asked at the edge of each request."""
    return _replaced(
        "app.factory", "_app_scopes", lambda before: lambda: {**before(), endpoint: scope}
    )


def _asked_by_nobody(mutant: Mutant) -> Mutant:
    """The endpoint's weaker scope, with every later question about rights left out as well."""
    assert mutant.change
    changes = [mutant.change, _skip_all]
    if elsewhere := ASKED_TWICE[mutant.name]:
        changes.append(_silenced(elsewhere))

    def change() -> Callable[[], None]:
        backs = [one() for one in changes]

        def back() -> None:
            for one in reversed(backs):
                one()

        return back

    return replace(mutant, what=f"{mutant.what}, and nobody asks again", change=change)


def _rights(declared: Sequence[Declared]) -> Mutants:
    opens = {
        right: frozenset(name for name, _, permission, _ in declared if permission == right)
        for right in permissions.ALL_PERMISSIONS
    }
    client, level, staff = (
        permissions.MEMBER_RIGHTS, permissions.GRANT_RIGHTS, permissions.STAFF_RIGHTS,
    )  # fmt: skip
    everywhere = frozenset[str]().union(*staff.values())
    inside = permissions.ALL_PERMISSIONS - everywhere
    for table, wanted in ((client, inside), (level, inside), (staff, everywhere | inside)):
        for holder, held in table.items():
            for right in sorted(wanted - held):
                yield Mutant(
                    "right", f"{right} for {holder}",
                    change=_given(table, holder, right), focus=opens[right],
                )  # fmt: skip
    for right in sorted(inside - permissions.APPROVER_RIGHTS - _of_every(client)):
        yield Mutant(
            "right", f"{right} for every approver",
            change=_given_to_approvers(right), focus=opens[right],
        )  # fmt: skip


def _of_every(table: dict[str, frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*table.values())


def _given(table: dict[str, frozenset[str]], holder: str, right: str) -> Change:
    def change() -> Callable[[], None]:
        before = table[holder]
        table[holder] = before | {right}
        return lambda: table.update({holder: before})

    return change


def _given_to_approvers(right: str) -> Change:
    return _replaced(
        "tenants.permissions", "APPROVER_RIGHTS", permissions.APPROVER_RIGHTS | {right}
    )


def _places() -> Mutants:
    for folder in ("app", "billing", "tenants"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for where, node in _calls(ast.parse(path.read_text())):
                if isinstance(node.func, ast.Attribute) and node.func.attr in ASKS:
                    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                    yield Mutant(
                        "place", f"{path.relative_to(ROOT)}, {where}: {ast.unparse(node)}",
                        change=_skipped(node.func.attr, str(path), lines),
                    )  # fmt: skip


def _calls(tree: ast.AST, where: str = "") -> Iterator[tuple[str, ast.Call]]:
    """With the function that each stands in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield where, node
        yield from _calls(node, node.name if isinstance(node, ast.FunctionDef) else where)


def _skipped(verb: str, file: str, lines: range) -> Change:
    def change() -> Callable[[], None]:
        before = getattr(permissions.Actor, verb)

        def sometimes(self: Any, *args: Any, **kwargs: Any) -> None:
            caller = sys._getframe(1)
            if not (caller.f_code.co_filename == file and caller.f_lineno in lines):
                before(self, *args, **kwargs)

        setattr(permissions.Actor, verb, sometimes)
        return lambda: setattr(permissions.Actor, verb, before)

    return change


def _skip_all() -> Callable[[], None]:
    before = permissions.Actor.require
    setattr(permissions.Actor, "require", lambda *_args, **_kwargs: None)  # noqa: B010
    return lambda: setattr(permissions.Actor, "require", before)


def _silenced(place: str) -> Change:
    module, name = place.split(":")
    silenced = _replaced(module, name, lambda _before: lambda *_args, **_kwargs: None)
    if module != "tenants.scoping":
        return silenced

    def change() -> Callable[[], None]:
        from sqlalchemy import event

        from tenants.core.db import Session

        listener = getattr(importlib.import_module(module), name)
        event.remove(Session, "before_flush", listener)
        undo = silenced()

        def back() -> None:
            undo()
            event.listen(Session, "before_flush", listener)

        return back

    return change
