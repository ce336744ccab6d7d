from flask import Blueprint

bp = Blueprint("finance", __name__, url_prefix="/c/<slug>/requests/<int:number>/payment-control")
