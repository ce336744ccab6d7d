from sqlalchemy.dialects.postgresql import insert

from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.models import Counter
from tenants.scoping import current_scope


def next_number(name: str) -> int:
    """The tenant's next number of this kind, without gaps: its row stays locked until the
    transaction ends, so ask for it last."""
    value: int = db.session.execute(
        insert(Counter)
        .values(tenant_id=current_scope().tenant_id, id=uuid7(), name=name, value=1)
        .on_conflict_do_update(
            index_elements=["tenant_id", "name"], set_={"value": Counter.value + 1}
        )
        .returning(Counter.value)
    ).scalar_one()
    return value


def take_numbers(name: str, count: int) -> int:
    """The first of so many numbers in a row, as `next_number` would give them one by one."""
    value: int = db.session.execute(
        insert(Counter)
        .values(tenant_id=current_scope().tenant_id, id=uuid7(), name=name, value=count)
        .on_conflict_do_update(
            index_elements=["tenant_id", "name"], set_={"value": Counter.value + count}
        )
        .returning(Counter.value)
    ).scalar_one()
    return value - count + 1
