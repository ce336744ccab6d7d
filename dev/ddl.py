"""Print the CREATE statements of tables, to start a migration from: python -m dev.ddl app.x.models."""

import importlib
import sys

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import migrations.all_models  # noqa: F401 - foreign keys need their tables
from tenants.core.db import Model


def statements(names: list[str]) -> list[str]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made: list[CreateTable | CreateIndex] = []
    for table in Model.metadata.sorted_tables:
        if table.name in names:
            made += [CreateTable(table)]
            made += [CreateIndex(i) for i in sorted(table.indexes, key=lambda i: i.name or "")]
    return [str(one.compile(dialect=dialect)).strip() for one in made]


def main(modules: list[str]) -> None:
    for module in modules:
        importlib.import_module(module)
    names = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Model.registry.mappers
        if mapper.class_.__module__ in modules
    }
    for line in statements(sorted(names)):
        print('    """\n    ' + line.replace("\n", "\n    ").replace("\t", "    ") + '\n    """,')


if __name__ == "__main__":
    main(sys.argv[1:])
