"""Invoices that keep every packaged rule, to be broken one field at a time."""

import copy
import datetime
from functools import cache
from typing import Any

from facturx import generate_xml

from app.finance.einvoicing.writing import mend_tables

FRENCH_PACKS = ("facturx-xsd:en16931", "facturx-schematron:en16931", "br-fr-cii")
UBL_PACKS = ("ubl-xsd", "cen-ubl")


def _party(name: str, siren: str, vat: str, city: str, postcode: str) -> dict[str, Any]:
    return {
        "name": name, "legal_identifier": siren, "legal_identifier_schemeid": "0002",
        "vat_identifier": vat, "einvoicing_addr": siren, "einvoicing_addr_schemeid": "0225",
        "addr_l1": "12 rue des Forges", "postcode": postcode, "city": city, "country_code": "FR",
    }  # fmt: skip


def _line(number: int, name: str, quantity: str, price: str, net: str, rate: str) -> dict[str, Any]:
    return {
        "BT-126": str(number), "BT-153": name, "BT-129": quantity, "BT-130": "C62",
        "BT-146": price, "BT-131": net, "BT-151": "S", "BT-152": rate,
    }  # fmt: skip


def french() -> dict[str, Any]:
    return {
        "BT-1": "F-2026-0042", "BT-2": datetime.date(2026, 11, 20), "BT-3": "380",
        "BT-5": "EUR", "BT-9": datetime.date(2026, 12, 20), "BT-10": "SERVICE-7", "BT-23": "S1",
        "BT-13": "PO-77", "BT-72": datetime.date(2026, 11, 18), "BT-81": "30",
        "BT-84": "FR7630006000011234567890189", "BT-20": "30 jours",
        "BG-1": [
            {"BT-21": "PMT", "BT-22": "Indemnité forfaitaire pour frais de recouvrement : 40 €."},
            {"BT-21": "PMD", "BT-22": "Pénalités de retard : trois fois le taux légal."},
            {"BT-21": "AAB", "BT-22": "Pas d'escompte pour paiement anticipé."},
            {"BT-21": "BAR", "BT-22": "B2B"},
        ],
        "BG-4": _party("Lentier SARL", "732829320", "FR44732829320", "Lyon", "69003"),
        "BG-7": _party("Moreau SAS", "552100554", "FR64552100554", "Nantes", "44000"),
        "BG-25": [
            _line(1, "Conseil", "10", "100.00", "1000.00", "20.00"),
            _line(2, "Livres", "4", "25.00", "100.00", "5.50"),
        ],
        "BG-23": [
            {"BT-116": "1000.00", "BT-117": "200.00", "BT-118": "S", "BT-119": "20.00"},
            {"BT-116": "100.00", "BT-117": "5.50", "BT-118": "S", "BT-119": "5.50"},
        ],
        "BT-106": "1100.00", "BT-109": "1100.00", "BT-110": "205.50", "BT-112": "1305.50",
        "BT-115": "1305.50",
    }  # fmt: skip


@cache
def french_cii(level: str = "en16931") -> bytes:
    return _written(french(), "factur-x", level)


@cache
def ubl() -> bytes:
    """As a German buyer's XRechnung has it, in the standard's own profile."""
    data = french()
    data["BG-7"] |= {
        "name": "Stadt Köln", "country_code": "DE", "vat_identifier": "DE811907980",
        "einvoicing_addr": "05315000-01001-14", "einvoicing_addr_schemeid": "0204",
        "city": "Köln", "postcode": "50667",
    }  # fmt: skip
    data["BT-10"] = "05315000-01001-14"
    return _written(data, "ubl-2.1", "en16931")


def _written(data: dict[str, Any], flavor: str, level: str) -> bytes:
    mend_tables()
    made: bytes = generate_xml(
        copy.deepcopy(data), flavor=flavor, level=level, check_xsd=False, check_schematron=""
    )
    return made
