from app.mail_in.views import addresses, deciding, listing
from app.mail_in.views.blueprint import bp

__all__ = ["addresses", "bp", "deciding", "listing"]
