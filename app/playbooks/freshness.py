from datetime import datetime, timedelta

# Nobody can rely on what nobody looked at for half a year.
STALE_AFTER = timedelta(days=180)


def is_stale(confirmed_at: datetime, now: datetime) -> bool:
    return now - confirmed_at > STALE_AFTER
