"""The parts of a request that both sides share, each story once for every change and in every
language and way by `make prove`."""

from types import ModuleType

import pytest

from tests.effort import PROVE
from tests.journeys import administering, desking, offering, raising, reporting, supervising
from tests.journeys.case import Case
from tests.journeys.hands import Way
from tests.journeys.passing import agreed
from tests.journeys.visits import People, speaking

WAYS: tuple[Way, ...] = ("mouse", "phone", "keys")
COMPANIES = {"fr": ("lentier", "LEN"), "de": ("hallertau", "HAF"), "en": ("lentier", "LEN")}


def forms(language: str, way: Way) -> list[tuple[str, Way]]:
    """The one for every change first."""
    rest = [(one, other) for one in COMPANIES for other in WAYS if (one, other) != (language, way)]
    return [(language, way), *(rest if PROVE else [])]


@pytest.mark.parametrize(("language", "way"), forms("fr", "mouse"))
def test_documents_that_come_late(people: People, language: str, way: Way) -> None:
    play(raising, Case(people, "a", language, way, *COMPANIES[language]))


@pytest.mark.parametrize(("language", "way"), forms("de", "phone"))
def test_beyond_the_contract(people: People, language: str, way: Way) -> None:
    play(offering, Case(people, "b", language, way, *COMPANIES[language]))


@pytest.mark.parametrize(("language", "way"), forms("en", "keys"))
def test_many_clients_at_one_desk(people: People, language: str, way: Way) -> None:
    play(desking, Case(people, "c", language, way, *COMPANIES[language]))


@pytest.mark.parametrize(("language", "way"), forms("de", "phone"))
def test_a_catalogue_of_ones_own(people: People, language: str, way: Way) -> None:
    play(administering, Case(people, "d", language, way, *COMPANIES[language]))


@pytest.mark.parametrize(("language", "way"), forms("fr", "mouse"))
def test_a_supervisors_round(people: People, language: str, way: Way) -> None:
    play(supervising, Case(people, "e", language, way, *COMPANIES[language]))


@pytest.mark.parametrize(("language", "way"), forms("de", "phone"))
def test_the_report_of_a_month(people: People, language: str, way: Way) -> None:
    play(reporting, Case(people, "f", language, way, *COMPANIES[language]))


def play(story: ModuleType, case: Case) -> None:
    system = case.people.system
    with speaking(system, case.language), agreed(system, case.slug, **story.CONTRACT):
        for station in story.STATIONS:
            station(case)
