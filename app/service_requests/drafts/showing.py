from app.service_requests.catalogue import ITEMS, CatalogueItem
from app.service_requests.drafts.models import FormDraft
from app.service_requests.drafts.queries import list_drafts
from tenants.permissions import Actor


def own_drafts(actor: Actor) -> list[tuple[CatalogueItem, FormDraft]]:
    """Those that the person may still send."""
    return [
        (ITEMS[row.item], row)
        for row in list_drafts(actor=actor)
        if row.item in ITEMS and actor.can("request.raise", ITEMS[row.item].line)
    ]
