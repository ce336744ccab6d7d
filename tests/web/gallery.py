"""A small application around the macros; the product has no such page."""

from pathlib import Path
from types import SimpleNamespace

from flask import Flask, Response, abort, g, make_response, render_template, request

from app.web import assets, csrf, errors, headers, i18n
from app.web.branding import brand_css, brands_css
from app.web.forms import BoundForm
from app.web.layout import Shell
from tenants.core.errors import Conflict, Invalid, NotFound
from tests.web import samples


def create_gallery() -> Flask:
    app = Flask("app", static_folder=None, root_path=str(Path(assets.__file__).parents[1]))
    app.jinja_loader = _loader(app)
    app.config.update(SECRET_KEY="gallery", TESTING=False, PROPAGATE_EXCEPTIONS=False)
    assets.init_assets(app)
    app.register_blueprint(assets.bp)
    headers.init_headers(app)
    i18n.init_i18n(app, current_person=lambda: g.get("person"))
    errors.register_error_handlers(app)
    app.before_request(lambda: csrf.refuse_cross_site(request, exempt=False))
    app.context_processor(_shell)
    _routes(app)
    _small_routes(app)
    _failures(app)
    return app


def _loader(app: Flask):
    from jinja2 import ChoiceLoader, FileSystemLoader

    own = [app.jinja_loader] if app.jinja_loader else []
    return ChoiceLoader([*own, FileSystemLoader(Path(__file__).parent / "templates")])


def _shell() -> dict[str, object]:
    shell = Shell(
        search_url="/palette",
        account_url="/account",
        sign_out_url="/sign-out",
        language_url="/language",
        user_name="Léa Martin",
        user_email="lea.martin@example.test",
        keys=request.args.get("keys") != "off",
        theme=request.args.get("theme", "auto"),
        stylesheets=("/brands.css",),
    )
    return {"shell": shell, "now": samples.NOW}


def _routes(app: Flask) -> None:
    @app.get("/brands.css")
    def brands() -> Response:
        clients = [(code, colour) for code, (_, colour) in samples.CLIENTS.items()]
        return Response(brand_css("#b45309") + brands_css(clients), mimetype="text/css")

    @app.route("/", methods=["GET", "POST"])
    def gallery() -> Response:
        sent = request.form if request.method == "POST" else None
        form = BoundForm(samples.OpenRequest, sent, request.files, values={"amount": 123450})
        form.load()
        page = render_template("gallery.html", form=form, nav=samples.nav(), samples=samples)
        return make_response(page, form.status)

    @app.get("/desk")
    def desk() -> str:
        return render_template(
            "desk.html", nav=samples.nav(), queue=samples.queue(), detail="open" in request.args,
            person=SimpleNamespace(name="Sophie Lenoir"),
        )  # fmt: skip

    @app.get("/fragment/<int:number>")
    def fragment(number: int) -> str:
        return render_template("detail.html", number=number)

    @app.get("/progress")
    def progress() -> str:
        return render_template("progress.html", done=request.args.get("done") == "1")


def _small_routes(app: Flask) -> None:
    @app.get("/palette")
    def palette() -> str:
        return render_template("palette.html", q=request.args.get("q", ""))

    @app.get("/bare")
    def bare() -> str:
        return render_template("signin.html")

    @app.post("/language")
    def language() -> Response:
        return i18n.remember_language(request.form.get("lang"), request.form.get("next"))

    @app.post("/note")
    def note() -> str:
        return render_template("noted.html")


def _failures(app: Flask) -> None:
    @app.route("/fail/<kind>", methods=["GET", "POST"])
    @app.route("/api/fail/<kind>", methods=["GET", "POST"])
    def fail(kind: str) -> str:
        if kind == "conflict":
            raise Conflict("Request %(number)s was closed.", number=7)
        if kind == "invalid":
            raise Invalid(field_errors={"title": ["Please fill in this field."]})
        if kind == "missing":
            raise NotFound
        if kind == "http404":
            abort(404)
        if kind == "http418":
            abort(418)
        raise RuntimeError("a secret detail")
