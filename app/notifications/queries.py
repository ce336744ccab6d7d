from uuid import UUID

from sqlalchemy import select

from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import User


def get_reader(*, user_id: UUID) -> User:
    """Only ever the person in scope: the database shows nobody else."""
    row = db.session.execute(select(User).where(User.id == user_id)).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row
