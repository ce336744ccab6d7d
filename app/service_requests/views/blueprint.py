from flask import Blueprint

bp = Blueprint("service_requests", __name__, url_prefix="/c/<slug>/requests")
