"""One operation from the request to its answer."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, jsonify, make_response, request

from app.web.api import limits, reading, repeating
from tenants.core.pagination import Page
from tenants.operations import Answer, Operation, operation_of

View = Callable[..., Any]
# A view keeps its runner: every application of the process counts the same limit once.
_runners: dict[View, View] = {}


def init_api(app: Flask) -> None:
    """Puts every declared operation to work; call it once all views are registered."""
    limits.init_limit_headers(app)
    methods = {rule.endpoint: set(rule.methods or ()) for rule in app.url_map.iter_rules()}
    for name, view in list(app.view_functions.items()):
        declared = operation_of(view)
        if declared is not None:
            if view not in _runners:
                group = limits.group_of(declared, methods[name])
                _runners[view] = limits.limited(_runner(view, declared), group)
            app.view_functions[name] = _runners[view]


def _runner(view: View, declared: Operation) -> View:
    @wraps(view)
    def run(**values: Any) -> Response:
        values |= _loaded(declared)
        if request.method == "POST":
            # The key is claimed before the body's rules are asked: what is refused frees it again.
            return repeating.once(g.actor, lambda: _answered(view, declared, values))
        return _answered(view, declared, values)

    return run


def _loaded(declared: Operation) -> dict[str, Any]:
    query = reading.read_query(declared.query)
    found: dict[str, Any] = {}
    if declared.query is not None and not declared.upload:
        found["query"] = query
    if declared.upload:
        found["sent"] = reading.read_file(query)
        if declared.query is not None and set(declared.query().fields) != {"name"}:
            found["query"] = query
    elif request.method == "POST":
        body = reading.read_json(declared.body)
        if declared.body is not None:
            found["body"] = body
    if declared.versioned and request.method == "POST":
        found["expected_version"] = reading.read_version()
    return found


def _answered(view: View, declared: Operation, values: dict[str, Any]) -> Response:
    found = view(**values)
    if declared.form == "file":
        return make_response(found)
    answer = found if isinstance(found, Answer) else Answer(found)
    if declared.form == "none":
        response = make_response("", 204)
    else:
        response = jsonify(_written(declared, answer.data))
        response.status_code = declared.status
    if answer.version is not None:
        response.headers["ETag"] = f'"{answer.version}"'
    if answer.location is not None:
        response.headers["Location"] = answer.location
    return response


def _written(declared: Operation, data: Any) -> Any:
    if isinstance(data, Page):
        return {"items": _rows(declared, data.items), "next": _next(data.next_cursor)}
    if declared.form == "list":
        return {"items": _rows(declared, data)}
    assert declared.answer is not None
    return declared.answer().dump(data)


def _rows(declared: Operation, found: Iterable[Any]) -> Any:
    if declared.row is not None:
        return [declared.row(one) for one in found]
    assert declared.answer is not None
    return declared.answer().dump(found, many=True)


def _next(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return f"{request.path}?{urlencode({**request.args.to_dict(), 'cursor': cursor})}"
