"""The main stations as they look at night: pictures for people, once by `make prove`. Every page's
contrast in the dark is tried by tests/browser."""

import pytest

from tests.effort import PROVE
from tests.journeys.furnishing import Forms
from tests.journeys.story import OPERATOR, SUPERVISOR
from tests.journeys.system import System
from tests.journeys.visits import DESKTOP, PHONE, People

CLIENT, SLUG, PROVIDER_ADMIN = "user@lentier.example", "lentier", "admin@coulisse.example"
CLIENT_ADMIN = "admin@lentier.example"


@pytest.mark.skipif(not PROVE, reason="pictures, by make prove")
def test_the_main_stations_in_the_dark(system: System, people: People) -> None:
    number = system.value(
        "SELECT min(r.number) FROM requests r JOIN tenants t ON t.id = r.tenant_id"
        " WHERE t.slug = 'lentier' AND r.item = 'payment_control'"
    )
    request = f"/c/{SLUG}/requests/{number}"
    Forms(people, OPERATOR).send(request, "/notes", body="Vu avec Léa.")
    stations = {
        CLIENT: {"accueil": f"/c/{SLUG}/", "catalogue": f"/c/{SLUG}/requests/new",
                 "televerser": f"/c/{SLUG}/requests/new/payment_control", "demande": request},
        CLIENT_ADMIN: {"personnes": f"/c/{SLUG}/people/provider",
                       "abonnement": f"/c/{SLUG}/subscription", "preuves": f"{request}/evidence"},
        OPERATOR: {"bureau": f"/desk?open={SLUG}/{number}", "pointage": f"{request}/payment-control"},
        SUPERVISOR: {"controle": "/desk?view=in_review"},
        PROVIDER_ADMIN: {"entreprises": "/provider/companies",
                         "entreprise": f"/provider/companies/{SLUG}", "equipe": "/provider/staff"},
    }  # fmt: skip
    for email, pages in stations.items():
        for size, kind in ((DESKTOP, "nuit"), (PHONE, "nuit-telephone")):
            with people.visit(email, color_scheme="dark", viewport=size) as visit:
                for name, path in pages.items():
                    visit.go(path).station(f"{kind}-{name}")
