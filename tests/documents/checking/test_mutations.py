"""A right invoice is valid, and each of 48 changes of one field turns the slip red by its rule."""

from datetime import UTC, datetime

import pytest

from app.documents.checking.running import check
from tests.documents.checking.mutations import CII, UBL, Mutation
from tests.documents.checking.samples import FRENCH_PACKS, UBL_PACKS, french_cii, ubl

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_what_is_mutated_is_valid_before() -> None:
    for content, packs in ((french_cii(), FRENCH_PACKS), (ubl(), UBL_PACKS)):
        slip = check(content, packs, now=NOW)
        assert slip.outcome == "valid", slip.findings
        assert [run.pack for run in slip.runs] == list(packs)


@pytest.mark.parametrize("mutation", CII + UBL, ids=str)
def test_one_wrong_field_is_named(mutation: Mutation) -> None:
    cii = mutation.form == "cii"
    content = mutation.of(french_cii() if cii else ubl())
    slip = check(content, FRENCH_PACKS if cii else UBL_PACKS, now=NOW)
    assert slip.outcome == "invalid"
    assert mutation.rule in {finding.rule for finding in slip.of("fatal")}
