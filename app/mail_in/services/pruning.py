"""Mails are kept for 30 days. What became part of a request stays there; the rest is gone."""

from datetime import datetime

from app.mail_in.queries import list_over
from app.mail_in.rules import KEPT
from tenants import files
from tenants.core.db import db


def forget_old(*, now: datetime) -> list[str]:
    """Rows now, and the hashes whose bytes may go once that is committed."""
    over = list_over(before=now - KEPT)
    file_ids = [one.file_id for one in over if one.file_id is not None]
    for one in over:
        one.file_id = None
        if one.state in ("landed", "accepted"):
            one.words, one.attachments = "", []
        else:
            db.session.delete(one)
    db.session.flush()
    return files.forget(file_ids=file_ids) if file_ids else []
