"""The API against its own document: generated requests, all of schemathesis' checks, two companies
whose tokens must not see each other's objects. `COULISSE_PROVE=1` looks for longer, and into every
item's form."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.hooks import unregister
from waitress import create_server  # type: ignore[import-untyped]

from tests.factories.tokens import make_token
from tests.isolation import examples

PROVE = os.environ.get("COULISSE_PROVE") == "1"
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "429"]
# A well-formed request may still be refused here, each for the reason beside it.
REFUSED_FOR_A_REASON = {
    # names files that were sent ahead, which no generated id is
    "raise_request": ["422"],
    "send_message": ["422"],
    "send_document": ["422"],
    # names an open item, and an amount in the places of the line's currency
    "match_by_hand": ["422"],
    # names an address of the public internet, and lines among those that the caller sees
    "create_webhook": ["422"],
    "change_webhook": ["422"],
    # numbers have their checks and letters, and must be of one company; an address is whole
    "create_party": ["422"],
    "change_party": ["422"],
    # names a customer, and a draft's own sums have their limits; a mail address is a whole one
    "create_sales_invoice": ["422"],
    "change_sales_invoice": ["422"],
    "validate_sales_invoice": ["422"],
    "send_sales_invoice": ["422"],
    # what stands there already isn't added, parts of one kind are whole
    "add_address": ["422"],
    "change_address": ["422"],
    "add_contact": ["422"],
    "change_contact": ["422"],
    "add_endpoint": ["422"],
    "change_endpoint": ["422"],
    # the present version is taken out below
    "remove_address": ["428"],
    "remove_contact": ["428"],
    "remove_endpoint": ["428"],
    # a reason isn't blank
    "file_version": ["422"],
}


def only_what_we_can_judge(_context: Any, case: Any, _kwargs: Any) -> None:
    """What no generator can get right is taken out of requests that are meant to be right: page
    cursors, which only we write, the present version, and a key that was never used before."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.query:
        case.query.pop("cursor", None)
    if case.headers:
        case.headers.pop("If-Match", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = uuid4().hex


def config(identities: Path) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 20261122,
            "auth": {"wfc": {"path": str(identities), "peers": ["alpha", "beta"]}},
            "generation": {"max-examples": 60 if PROVE else 2, "deterministic": True,
                           "database": "none", "no-shrink": True},
            "phases": {"stateful": {"max-steps": 12 if PROVE else 5,
                                    "generation": {"max-examples": 60 if PROVE else 4}}},
            "operations": [
                {
                    "include-operation-id": name,
                    "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, *more]}},
                }
                for name, more in REFUSED_FOR_A_REASON.items()
            ]
            # Only a request of one item has a payment control: a new one of another has none.
            + [
                {
                    "include-path-regex": "/payment-control",
                    "checks": {"ensure_resource_availability": {"enabled": False}},
                }
            ],
        }
    )  # fmt: skip


@pytest.fixture
def identities(stage: Any, world: Any, tmp_path: Path) -> Path:
    """An administrator of each company, and an operator of both."""
    examples.make_examples(stage, world.a, world.operator_a, skip=1)
    examples.make_examples(stage, world.b, world.operator_b, skip=4)
    people = {
        "alpha": (world.a, world.a.admin), "beta": (world.b, world.b.admin),
        "operator": (world.a, world.operator_a),
    }  # fmt: skip
    users = [
        {
            "name": name,
            "fixedHeaders": [
                {
                    "name": "Authorization",
                    "value": f"Bearer {make_token(stage, company, person)}",
                }
            ],
        }
        for name, (company, person) in people.items()
    ]
    file = tmp_path / "identities.json"
    file.write_text(json.dumps({"auth": users}))
    return file


@pytest.fixture
def judged() -> Iterator[None]:
    schemathesis.hook("before_call")(only_what_we_can_judge)
    yield
    unregister(only_what_we_can_judge)


@pytest.fixture
def served(app: Any) -> Iterator[str]:
    """Over a socket: the check of objects' owners can't ask a WSGI application directly."""
    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


def problems(event: Any) -> list[str]:
    if isinstance(event, events.NonFatalError):
        return [f"{event.label}: {event.value!r}"]
    if isinstance(event, events.FatalError):
        return [f"{event.exception!r}"]
    if isinstance(event, events.EngineFinished):
        return [str(one) for one in event.failures or ()]
    recorder: Any = getattr(event, "recorder", None)
    found = []
    for case_id, checks in (recorder.checks if recorder else {}).items():
        for check in checks:
            if check.failure_info is not None:
                case = recorder.cases[case_id].value
                answer = recorder.interactions[case_id].response
                found.append(
                    f"{check.name} {case.method} {case.formatted_path} {case.query} {case.headers}"
                    f" {case.body!r:.300}\n  {check.failure_info.failure}\n  "
                    f"{answer.status_code if answer else '-'} {answer.content[:400] if answer else ''}"
                )
    return found


def test_the_api_keeps_to_its_document(
    served: str, judged: None, identities: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What an earlier run found out lies in the working folder: each run begins with nothing.
    monkeypatch.chdir(identities.parent)
    schema = schemathesis.openapi.from_url(
        f"{served}/api/v1/openapi.json", config=config(identities)
    )
    if not PROVE:
        # Three quarters of what would be tried are the forms of sixty items, which are all alike.
        shapes = schema.raw_schema["components"]["schemas"]["NewRequest"]["oneOf"]
        shapes[:] = shapes[::8]
    found: dict[str, None] = {}
    tried, checked, phases = 0, set(), set()
    event: Any
    for event in from_schema(schema).execute():
        found.update(dict.fromkeys(problems(event)))
        recorder: Any = getattr(event, "recorder", None)
        if recorder is not None:
            tried += len(recorder.cases)
            checked |= {check.name for checks in recorder.checks.values() for check in checks}
            phases |= {event.phase.name}
    assert not found, f"{len(found)} of {tried}\n\n" + "\n\n".join(found)
    assert tried > 500
    assert phases == {"EXAMPLES", "COVERAGE", "FUZZING", "STATEFUL_TESTING"}
    assert checked >= {"object_level_authorization", "ignored_auth", "not_a_server_error",
                       "negative_data_rejection", "positive_data_acceptance",
                       "response_schema_conformance", "status_code_conformance",
                       "use_after_free", "ensure_resource_availability"}  # fmt: skip
