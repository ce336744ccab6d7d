"""The client's list of 50 of 2,000 requests, complete page, signed in; floor: the rows by raw SQL
in a transaction with row security, through a bare template of the same 50 rows."""

from sqlalchemy import create_engine, text

from bench.measure import Result, Stage, interleaved
from bench.people import make_requests, make_tenants, sign_in
from tenants.scoping import BIND, Scope

BARE = (
    "<table>{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.title }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.due_at }}</td></tr>{% endfor %}</table>"
)


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="portal")
    make_requests(stage, [tenant.id], each=2_000)
    browser = sign_in(stage, tenant.member)
    engine = create_engine(stage.app_url, pool_size=1)
    template = stage.app.jinja_env.from_string(BARE)
    scope = Scope(tenant_id=tenant.id, side="client")

    def floor() -> str:
        with engine.begin() as connection:
            connection.execute(BIND, scope.settings())
            rows = connection.execute(
                text("SELECT number, title, state, due_at FROM requests WHERE tenant_id = :t"
                     " ORDER BY number DESC LIMIT 50"),
                {"t": tenant.id},
            ).all()  # fmt: skip
        return template.render(rows=rows)

    def page() -> None:
        answer = browser.get(f"/c/{tenant.slug}/requests?state=new")
        assert answer.status_code == 200

    value, low = interleaved(page, floor)
    engine.dispose()
    return [Result("client's list of 50, complete page", value, low, must=3.0, goal=2.2)]
