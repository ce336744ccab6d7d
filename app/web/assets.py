"""A closed list of files under hashed, immutable URLs; nothing third-party is in the repository."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request
from markupsafe import Markup

from app.web import layout, marks
from app.web.icons import ICONS
from tenants import endpoints

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "app" / "static"
TABLER = "@tabler/core/dist/css/tabler.min.css"
OUTLINE = "@tabler/icons/icons/outline"
SCRIPTS = (
    "htmx.org/dist/htmx.min.js",
    "htmx.org/dist/ext/hx-csp.min.js",
    "htmx.org/dist/ext/hx-preload.min.js",
)
OWN_CSS = (
    "tokens.css",
    "overrides.css",
    "layout.css",
    "components.css",
    "desk.css",
    "supervision.css",
    "conversation.css",
    "charts.css",
    "api.css",
    "requests.css",
    "workbench.css",
    "evidence.css",
    "clock.css",
    "handover.css",
    "settings.css",
    "jobs.css",
    "typeset.css",
    "documents.css",
)
OWN_JS = (
    "toasts.js",
    "dialogs.js",
    "keyboard.js",
    "small.js",
    "desk.js",
    "texts.js",
    "workbench.js",
    "verify.js",
    "start.js",
)

bp = Blueprint("assets", __name__, url_prefix="/assets")


class AssetsMissing(RuntimeError):
    pass


@dataclass(frozen=True)
class Asset:
    name: str
    body: bytes
    mimetype: str
    digest: str

    @cached_property
    def packed(self) -> bytes:
        """When somebody asks: most processes of the product serve no page."""
        return gzip.compress(self.body, 9, mtime=0)

    @property
    def url(self) -> str:
        return f"/assets/{self.digest}/{self.name}"


def _asset(name: str, body: bytes, mimetype: str) -> Asset:
    body = re.sub(rb"\n?(//|/\*)# sourceMappingURL=[^\n]*\n?", b"", body)
    return Asset(name, body, mimetype, sha256(body).hexdigest()[:16])


def _third_party(node_modules: Path, path: str) -> bytes:
    try:
        return (node_modules / path).read_bytes()
    except FileNotFoundError as error:
        message = f"{path} is not in {node_modules}: run make assets"
        raise AssetsMissing(message) from error


def _font() -> bytes:
    spec = find_spec("fontpkg_inter")
    if spec is None or spec.origin is None:
        raise AssetsMissing("the package fontpkg-inter is not installed: run make assets")
    return (Path(spec.origin).parent / "files" / "Inter[opsz,wght].ttf").read_bytes()


def _symbol(node_modules: Path, name: str) -> str:
    text = _third_party(node_modules, f"{OUTLINE}/{name}.svg").decode()
    inner = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    inner = re.sub(r'<path stroke="none"[^>]*/>', "", inner)
    shapes = " ".join(inner.split())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def _joined(folder: str, names: tuple[str, ...]) -> bytes:
    return b"\n".join((STATIC / folder / name).read_bytes() for name in names)


@cache
def build(node_modules: Path) -> dict[str, Asset]:
    symbols = "".join(_symbol(node_modules, name) for name in sorted(ICONS))
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'.encode()
    # One file: htmx starts itself before a later script could register the extensions.
    scripts = b";\n".join(_third_party(node_modules, path) for path in SCRIPTS)
    files = [
        _asset("tabler.css", _third_party(node_modules, TABLER), "text/css"),
        _asset("inter.ttf", _font(), "font/ttf"),
        _asset("icons.svg", sprite, "image/svg+xml"),
        _asset("mark.svg", (STATIC / "mark.svg").read_bytes(), "image/svg+xml"),
        _asset("app.js", _joined("js", OWN_JS), "text/javascript"),
        _asset("htmx.js", scripts, "text/javascript"),
    ]
    found = {file.name: file for file in files}
    css = _joined("css", OWN_CSS).replace(b"asset:inter.ttf", found["inter.ttf"].url.encode())
    return found | {"app.css": _asset("app.css", css, "text/css")}


@bp.get("/<digest>/<name>")
@endpoints.asset
def file(digest: str, name: str) -> Response:
    asset = _current().get(name)
    if asset is None or asset.digest != digest:
        abort(404)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(asset.packed if packed else asset.body, mimetype=asset.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _current() -> dict[str, Asset]:
    found: dict[str, Asset] = current_app.extensions["coulisse_assets"]
    return found


def init_assets(app: Flask) -> None:
    """Raises AssetsMissing at start, not at the first page."""
    found = build(Path(app.config.get("NODE_MODULES") or ROOT / "node_modules"))
    app.extensions["coulisse_assets"] = found
    sprite = found["icons.svg"].url

    def asset(name: str) -> str:
        return found[name].url

    @cache
    def icon(name: str, extra: str = "") -> Markup:
        if name not in ICONS:
            raise LookupError(f"icon {name!r} is not in app/web/icons.py")
        classes = f"icon {extra}".strip()
        return Markup(
            '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
        ).format(classes, sprite, name)

    app.jinja_env.globals.update(asset=asset, icon=icon)
    layout.init_layout(app)
    marks.init_marks(app)
