"""Several lists in one statement: each select becomes one column of JSON, read back as its rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Select, func, literal_column, select, text
from sqlalchemy.orm import Mapper

from tenants.core.db import db

Convert = Callable[[Any], Any]
FROM_JSON: Mapping[type, Convert] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    UUID: UUID,
}
PLAIN = (str, int, bool, list)


def read_together(**selects: Select[Any]) -> dict[str, Sequence[Any]]:
    """The rows of each select by its name, all from one statement. A select of one entity gives
    instances that belong to no session, for showing only; others give rows by column name.

    TypeError for a column that JSON can't carry exactly (numeric, bytes).
    """
    subqueries = {name: one.subquery(f"the_{name}") for name, one in selects.items()}
    columns = [
        select(
            func.coalesce(
                func.jsonb_agg(func.to_jsonb(literal_column(f"the_{name}"))), text("'[]'::jsonb")
            )
        )
        .select_from(sub)
        .scalar_subquery()
        .label(name)
        for name, sub in subqueries.items()
    ]
    found = db.session.execute(select(*columns)).one()._mapping
    return {
        name: [_row(sub.c, _entity(selects[name]), given) for given in found[name]]
        for name, sub in subqueries.items()
    }


def _entity(one: Select[Any]) -> Mapper[Any] | None:
    described = one.column_descriptions
    whole = described[0].get("entity")
    if len(described) == 1 and whole is not None and whole is described[0]["expr"]:
        mapper: Mapper[Any] = whole.__mapper__
        return mapper
    return None


def _row(columns: Any, mapper: Mapper[Any] | None, given: Mapping[str, Any]) -> Any:
    values = {
        column.key: None if given[column.key] is None else _convert(column)(given[column.key])
        for column in columns
    }
    return mapper.class_(**values) if mapper is not None else SimpleNamespace(**values)


def _convert(column: Any) -> Convert:
    if isinstance(column.type, JSON):
        return _as_it_is
    kind = column.type.python_type
    if kind in FROM_JSON:
        return FROM_JSON[kind]
    if kind in PLAIN:
        return _as_it_is
    raise TypeError(f"{column} can't be read from JSON as {kind}")


def _as_it_is(value: Any) -> Any:
    return value
