from flask import Blueprint

bp = Blueprint("sales_invoices", __name__, url_prefix="/c/<slug>/sales-invoices")
