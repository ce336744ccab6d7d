from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_module_with_tables_is_known_to_migrations() -> None:
    known = (ROOT / "migrations" / "all_models.py").read_text()
    for folder in ("app", "billing", "tenants"):
        for path in (ROOT / folder).rglob("*.py"):
            if "__tablename__" in path.read_text():
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                assert f"import {module}\n" in known, module
