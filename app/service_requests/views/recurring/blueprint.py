from flask import Blueprint

bp = Blueprint("recurring", __name__, url_prefix="/c/<slug>/recurring")
