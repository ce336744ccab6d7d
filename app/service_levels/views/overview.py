from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_levels.overview import read_overview
from app.service_requests.catalogue import LINES
from tenants.core import clock
from tenants.endpoints import staff

bp = Blueprint("service_level_overview", __name__, url_prefix="/service-levels")


@bp.get("")
@staff("desk.supervise")
def overview() -> ResponseReturnValue:
    """Months to sign and contests to answer, at every client that is open to the supervisor."""
    user_id = current_actor().user_id
    assert user_id is not None
    rows = read_overview(user_id=user_id, now=clock.now())
    return render_template("service_levels/overview.html", rows=rows, lines=LINES)
