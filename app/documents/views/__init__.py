from app.documents.views import changing, filing, keeping, listing, retaining, showing
from app.documents.views.blueprint import bp

__all__ = ["bp", "changing", "filing", "keeping", "listing", "retaining", "showing"]
