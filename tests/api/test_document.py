"""The OpenAPI document is sound and complete, and every problem has its place in the docs."""

import ast
import re
import warnings
from typing import Any

import jsonschema_rs
from schemathesis.specs.openapi.definitions import OPENAPI_31

from app.api.document import document as made
from app.api.document import operations
from app.api.problems import _ELSEWHERE, list_problems
from app.web.api.reading import load
from tests.isolation import examples
from tests.structure.test_house_rules import sources

DOCUMENT = "/api/v1/openapi.json"


def document(app: Any) -> Any:
    return app.test_client().get(DOCUMENT).json


def test_it_obeys_the_official_schema(app: Any) -> None:
    errors = list(jsonschema_rs.validator_for(OPENAPI_31).iter_errors(document(app)))
    assert not [f"{list(one.instance_path)}: {one.message[:200]}" for one in errors]


def test_every_reference_resolves(app: Any) -> None:
    found = document(app)
    text = str(found)
    for name in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert name in found["components"]["schemas"], name


def test_no_two_shapes_have_one_name(app: Any) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Multiple schemas")
        made(app)


def test_every_operation_is_documented(app: Any) -> None:
    found = document(app)
    documented = {
        (method.upper(), path) for path, methods in found["paths"].items() for method in methods
    }
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule, method in examples.api_rules(app)
    }
    assert documented == served
    ids = [one["operationId"] for path in found["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))


def test_examples_are_what_the_operations_take(app: Any) -> None:
    for rule, declared, _method in operations(app):
        if declared.body is not None:
            assert declared.example is not None, rule.rule
            assert load(declared.body, declared.example)


def test_every_code_is_explained(app: Any) -> None:
    """Also those that a module gives on the spot, as far as the API's operations raise them."""
    explained = {one.code for one in list_problems()} | set(_ELSEWHERE)
    page = app.test_client().get("/api/v1/docs").text
    for one in list_problems():
        assert f'id="{one.code}"' in page
    used = set()
    for _name, code in sources("app/finance/services", "app/service_requests/services",
                              "app/web/api", "app/auth/bearer.py", "tenants/files.py"):  # fmt: skip
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.keyword) and node.arg == "code":
                value = node.value.value if isinstance(node.value, ast.Constant) else None
                used |= {value} if isinstance(value, str) else set()
    assert used - explained == PAGES_ONLY


# Of acts that only pages offer.
PAGES_ONLY = {
    "balanced", "has_match", "has_own_files", "no_difference", "no_follow_up",
}  # fmt: skip


def test_problems_lead_to_their_explanation(app: Any) -> None:
    told = app.test_client().get("/api/v1/me").json
    assert told["type"] == "/api/v1/docs#token_required"
    assert 'id="token_required"' in app.test_client().get("/api/v1/docs").text


def test_the_docs_need_no_script_and_name_each_operation(app: Any) -> None:
    page = app.test_client().get("/api/v1/docs").text
    for rule, _declared, _method in operations(app):
        assert f'id="{rule.endpoint.partition(".")[2]}"' in page
    assert "Approving is not offered" in page
