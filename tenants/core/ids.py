import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Ids come from Python so that an INSERT of many rows is one executemany. Within a millisecond
    they are in order, too, as PostgreSQL's own are: 12 bits hold its fraction."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = milliseconds << 80 | 0x7 << 76 | (rest << 12) // 1_000_000 << 64
    value |= 0x2 << 62 | int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return UUID(int=value)
