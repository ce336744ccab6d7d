"""Customers and files of the demonstration's payment controls."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from app.demo.cast import DemoClient
from app.finance.demo_files import Customer, DemoFiles, demo_files


def _iban(country: str, account: str) -> str:
    """The account with the check digits that make it an IBAN; nobody's."""
    digits = "".join(str(int(char, 36)) for char in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"


def _customers(country: str, bank: str, names: Sequence[str]) -> tuple[Customer, ...]:
    length = {"FR": 23, "DE": 18}[country]
    return tuple(
        Customer(name, _iban(country, f"{bank}{at * 1_000_003:0{length - len(bank)}d}"))
        for at, name in enumerate(names, start=1)
    )


COMPANIES: Mapping[str, tuple[str, tuple[Customer, ...]]] = {
    "lentier": (
        _iban("FR", "30006000019004711000189"),
        _customers("FR", "30006000", (
            "Épicerie du Marché SARL", "Grossiste Aubrac SAS", "Cantines de l'Ouest",
            "Comptoir Maréchal SA", "Supérettes Réunies SAS", "Traiteur Lacroix SAS",
            "Halles de Vannes SARL", "Hôtel de la Rade SA",
        )),
    ),
    "hallertau": (
        _iban("DE", "700519950004711001"),
        _customers("DE", "70051995", (
            "Hofgut Sankt Kastl GbR", "Agrarhandel Wolnzach GmbH", "Milchhof Aiglsbach eG",
            "Geflügel Brandl GmbH & Co. KG", "Reitanlage Ilmtal e.K.", "Landhandel Pfaffenhofen",
            "Schweinemast Huber GbR", "Mühle Schneider GmbH",
        )),
    ),
    "forgeval": (
        _iban("FR", "10107001019004722000129"),
        _customers("FR", "10107001", (
            "Ateliers Pernin SAS", "Mécanique du Rhin SA", "Hydraulique Nord SARL",
            "Constructions Bertin", "Outillage Vosgien SAS", "Aciers Delmas SA",
            "Forges de Syam SARL", "Transmissions Kuntz SAS",
        )),
    ),
}  # fmt: skip


def month_before(day: date, months: int = 1) -> date:
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def files_of(client: DemoClient, *, month: date, seed: int) -> DemoFiles:
    iban, customers = COMPANIES[client.slug]
    return demo_files(company=client.name, iban=iban, customers=customers, seed=seed, month=month)
