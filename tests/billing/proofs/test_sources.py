"""What the sources themselves show of how Stripe is called: the tests of the verbs see only the
calls that they make."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from billing.effects import PERFORMED, SETTLED

ROOT = Path(__file__).parents[3]
PACKAGES = ("app", "billing", "tenants", "workers", "dev", "migrations", "bench")
SPEAKERS = {"billing/stripe_calls.py", "billing/stripe_library.py"}
READING = {"retrieve", "list", "auto_paging_iter"}
# A preview writes nothing; to delete twice is to delete once, and Stripe takes no key for it.
UNKEYED = {"create_preview", "preview", "delete"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text("utf-8")
            if "stripe" in text or "billing" in text:
                yield path.relative_to(ROOT).as_posix(), parsed(path)


def imports_of(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_only_the_gateway_knows_stripes_library() -> None:
    importing = {
        name
        for name, tree in sources(*PACKAGES)
        if any(one.partition(".")[0] == "stripe" for one in imports_of(tree))
    }
    assert importing == SPEAKERS


def test_nothing_of_the_product_imports_the_simulator() -> None:
    """But what starts the demonstration."""
    importing = {
        name
        for name, tree in sources("app", "billing", "tenants", "workers", "migrations")
        if not name.startswith("billing/sim/")
        and any(one.startswith("billing.sim") for one in imports_of(tree))
    }
    assert importing == set()


def calls_of(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """`self._v1.customers.create(…)` as ("customers.create", the call)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            text = ast.unparse(node.func)
            if text.startswith(("self._v1.", "self._v2.")):
                yield text.partition(".")[2].partition(".")[2], node


def test_every_call_that_writes_carries_a_key_of_ours() -> None:
    writing, bare = 0, []
    for name, tree in sources("billing"):
        if not name.startswith(("billing/gateway", "billing/stripe_")):
            continue
        for call, node in calls_of(tree):
            verb = call.rpartition(".")[2]
            if verb in READING or verb in UNKEYED:
                continue
            writing += 1
            options = [ast.unparse(argument) for argument in node.args]
            if not any(one.startswith("keyed(") or one == "key" for one in options):
                bare.append(f"{name}: {call}")
    assert bare == []
    assert writing > 25


@pytest.mark.parametrize("package", ["app", "tenants"])
def test_above_and_below_billing_nobody_calls_stripe(package: str) -> None:
    """But the commands of whoever runs the product."""
    knowing = {
        name
        for name, tree in sources(package)
        if imports_of(tree) & {"billing.connection.gateway", "billing.connection.use",
                               "billing.gateway.StripeGateway"}
    }  # fmt: skip
    assert knowing <= {"app/factory.py", "app/cli.py"}


def test_what_is_settled_was_performed() -> None:
    assert set(SETTLED) <= set(PERFORMED)
