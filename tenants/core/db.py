"""The base class, the session and the one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.exc import StaleDataError

from tenants.core.errors import Conflict

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class Session(FlaskSession):
    """Scoped by `tenants.scoping`, which keeps the scope in `info`."""

    def get_bind(
        self, mapper: Any = None, clause: Any = None, bind: Any = None, **more: Any
    ) -> Any:
        """There is one engine: to look for that of each table costs more than some statements."""
        return bind if bind is not None else self._db.engine


db = SQLAlchemy(
    metadata=Model.metadata,
    session_options={"class_": Session},
    add_models_to_shell=False,
)


@contextmanager
def unit_of_work(session: Any = None) -> Iterator[Any]:
    """Commit at the end, roll back on any error. Only edges use it: factory, cli, workers.

    A deferred constraint or a stale row surfaces here as Conflict.
    """
    session = session if session is not None else db.session()
    try:
        yield session
        session.commit()
    except (IntegrityError, StaleDataError) as error:
        session.rollback()
        raise Conflict from error
    except BaseException:
        session.rollback()
        raise


@contextmanager
def single_statements() -> Iterator[Connection]:
    """Each statement is a transaction of its own, without a scope: it sees what belongs to nobody
    and what functions of the database give out. For the edge, before it knows who asks."""
    with db.engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
