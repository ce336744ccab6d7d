from flask import Blueprint

bp = Blueprint("guests", __name__, url_prefix="/c/<slug>/guest")
