"""Rules in plain words: the frequent ones have them, and every word of a slip is known."""

from datetime import UTC, datetime

from app.documents.checking.packs import INSTALLABLE, packaged
from app.documents.checking.plain_words import plain_words
from app.documents.checking.running import check
from app.documents.checking.shown import pack_title, shown
from app.documents.checking.wording import WITHOUT
from tests.documents.checking.mutations import CII, UBL
from tests.documents.checking.samples import FRENCH_PACKS, UBL_PACKS, french_cii, ubl

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_every_mutation_is_said_in_plain_words() -> None:
    assert not {one.rule for one in CII + UBL if not plain_words(one.rule)}


def test_the_nearest_words_are_taken() -> None:
    said = plain_words("BR-FR-05_BT-22_PMT")
    assert said.startswith("A compulsory French mention is missing")
    assert plain_words("BR-CL-23") == plain_words("BR-CL-01") != ""
    assert plain_words("BR-DE-15").startswith("The buyer’s reference")
    assert plain_words("PEPPOL-EN16931-R999") == ""


def test_a_slip_as_it_is_read() -> None:
    content = french_cii().replace(b">1305.50</ram:GrandTotal", b">1305.51</ram:GrandTotal")
    seen = shown(check(content, FRENCH_PACKS, now=NOW))
    assert [(run.title, run.profile, run.version, run.outcome) for run in seen.runs] == [
        ("Structure, Factur-X", "EN 16931", "1.09.2", "passed"),
        ("Factur-X", "EN 16931", "1.09.2", "failed"),
        ("France, invoices between companies (BR-FR), CII", "", "1.4.0.03", "passed"),
    ]
    found = seen.runs[1].findings[0]
    assert found.text == "The total with VAT is not the total without VAT plus VAT."
    assert found.said.startswith("Invoice total amount with VAT (BT-112)")
    assert (found.severity_name, found.term) == ("Error", "BT-112")


def test_what_was_not_checked_is_named() -> None:
    seen = shown(check(ubl(), (*UBL_PACKS, "kosit-xrechnung-ubl", "unheard-of"), now=NOW,
                       installed={}))  # fmt: skip
    assert ("XRechnung (KoSIT), UBL", "") in seen.not_checked
    assert ("unheard-of", "") in seen.not_checked
    assert seen.runs[2].reason == "This rule set is not installed."


def test_every_rule_set_has_a_title_and_says_what_is_missing_without_it() -> None:
    assert all(pack_title(name)[0] != name for name in (*packaged(), *INSTALLABLE))
    assert set(WITHOUT) == set(INSTALLABLE)
