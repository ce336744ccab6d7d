from flask import Blueprint, Response, current_app, jsonify
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tenants.core.db import db
from tenants.endpoints import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> Response:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    parts = {"database": _database(), "redis": _redis()}
    return jsonify(parts), 200 if all(v == "ok" for v in parts.values()) else 503


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return "unreachable"
    return "ok"


def _redis() -> str:
    url = current_app.config["SETTINGS"].redis_url
    try:
        with Redis.from_url(url, socket_timeout=2) as client:
            client.ping()
    except (RedisError, OSError):
        return "unreachable"
    return "ok"
