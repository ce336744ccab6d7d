from types import SimpleNamespace

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.desk.filters import QueueFilter
from app.desk.queries import list_queue
from app.desk.queue import across
from app.desk.views.blueprint import bp
from app.desk.views.common import context, reader, request_url_pattern, user_id
from app.service_requests.rows import RowMaker
from tenants.core import clock
from tenants.endpoints import staff


@bp.get("/palette")
@staff("desk.use")
def palette() -> ResponseReturnValue:
    """A client's name or code, a request's number or words."""
    wanted = request.args.get("q", "").replace("\0", "").strip()[:120]
    found = context()
    low = wanted.lower()
    clients = [one for one in found.clients if low in one.name.lower() or low == one.code.lower()]
    rows = []
    if wanted and found.clients:
        with across(found, reason="desk palette", user_id=user_id()) as session:
            page = list_queue(
                session, pairs=found.pairs(), reader=reader(found),
                chosen=QueueFilter(search=wanted), limit=8,
            )  # fmt: skip
        make, pattern = RowMaker(side="provider", now=clock.now()), request_url_pattern()
        rows = [
            make.row(
                SimpleNamespace(**row), url="", client_code=row["client_code"],
                fragment_url=pattern.format(slug=row["slug"], number=row["number"]),
            )
            for row in page.items
        ]  # fmt: skip
    return make_response(
        render_template("desk/_palette.html", clients=clients[:5] if wanted else [], rows=rows,
                        wanted=wanted)
    )  # fmt: skip
