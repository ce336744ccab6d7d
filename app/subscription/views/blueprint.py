from flask import Blueprint

bp = Blueprint("subscription", __name__, url_prefix="/c/<slug>/subscription")
