from flask import Blueprint

bp = Blueprint("mail_in", __name__, url_prefix="/c/<slug>/mail")
