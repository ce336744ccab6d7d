"""Where words are looked for beside titles: what both sides wrote to each other, and names of files.

Internal notes are another table, which nobody's search of a client's requests reads.
"""

from typing import Any

from sqlalchemy import BindParameter, Select, and_, select

from app.service_requests.models import ClientMessage, RequestFile
from tenants.models import StoredFile

A, F, M = RequestFile, StoredFile, ClientMessage


def said_with_words(tenant_id: BindParameter[Any], words: BindParameter[Any]) -> Select[Any]:
    return select(M.request_id).where(M.tenant_id == tenant_id, M.body.icontains(words, escape="/"))


def files_with_words(tenant_id: BindParameter[Any], words: BindParameter[Any]) -> Select[Any]:
    """Attached ones; a result is found only once it is handed over, which its request's page says."""
    return (
        select(A.request_id)
        .join(F, and_(F.tenant_id == A.tenant_id, F.id == A.file_id))
        .where(A.tenant_id == tenant_id, F.name.icontains(words, escape="/"))
    )
