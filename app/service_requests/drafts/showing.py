from app.catalogue.item import CatalogueItem
from app.catalogue.memory import ITEMS
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
