import re

import pytest

from app.web import assets
from app.web.icons import ICONS

PATHS = ["/", "/bare", "/nowhere", "/fail/crash", "/fail/conflict", "/api/fail/missing"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_policy_and_is_not_stored(client, path):
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert re.fullmatch(
        "default-src 'none'; script-src 'self' 'nonce-[A-Za-z0-9_-]{20,}'; style-src 'self'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types htmx",
        policy,
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HX-Request" in answer.headers["Vary"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in answer.headers


def test_https_alone_promises_https(client):
    answer = client.get("/bare", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_nonce_is_new_for_every_request(client):
    def nonce() -> str:
        answer = client.get("/bare")
        [found] = re.findall("nonce-([^']+)", answer.headers["Content-Security-Policy"])
        assert f'nonce="{found}"' in answer.text
        return str(found)

    assert nonce() != nonce()


def test_assets_are_immutable_compressed_and_closed(client, gallery):
    css = gallery.extensions["coulisse_assets"]["app.css"]
    answer = client.get(css.url, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert client.get(css.url).data == css.body
    assert b"asset:" not in css.body
    assert client.get(f"/assets/{'0' * 16}/app.css").status_code == 404
    assert client.get(f"/assets/{css.digest}/tokens.css").status_code == 404


def test_a_missing_installation_says_what_to_run(tmp_path):
    with pytest.raises(assets.AssetsMissing, match="run make assets"):
        assets.build(tmp_path)


def test_the_sprite_holds_every_icon(gallery):
    sprite = gallery.extensions["coulisse_assets"]["icons.svg"].body.decode()
    assert set(re.findall('<symbol id="([^"]+)"', sprite)) == ICONS
