"""Who checks invoices: our own child process, never the writer's built-in check, which takes an
absent server for a passed test."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITERS = {
    "generate_xml", "generate_cii_xml", "generate_ubl_xml", "generate_from_binary",
    "generate_from_file",
}  # fmt: skip


def calls() -> Iterator[tuple[str, str, dict[str | None, ast.expr]]]:
    for folder in ("app", "billing", "tenants", "workers", "dev", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            if "facturx" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    given = {one.arg: one.value for one in node.keywords}
                    yield str(path.relative_to(ROOT)), name, given


def test_the_writers_own_schematron_check_is_never_used() -> None:
    wrong = []
    for path, name, given in calls():
        if name == "xml_check_schematron":
            wrong.append((path, name))
        if name in WRITERS:
            said = given.get("check_schematron")
            # Any word at all, "none" too, has the library ask a server.
            if not (isinstance(said, ast.Constant) and not said.value):
                wrong.append((path, name))
    assert not wrong


def test_the_rule_engine_runs_in_the_child_alone() -> None:
    users = {
        str(path.relative_to(ROOT))
        for folder in ("app", "billing", "tenants", "workers", "dev")
        for path in (ROOT / folder).rglob("*.py")
        if "import saxonche" in path.read_text()
    }
    assert users == {"app/documents/checking/child.py"}
