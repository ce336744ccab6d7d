"""An invoice stays what it is under its seal: archivable, and its XML the same to the last byte."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.documents.printing.logos import drawn_anew
from app.documents.sealing.certificates import make_root, make_seal
from app.documents.sealing.pdf import read_seal, seal_pdf
from app.documents.templating import services
from app.documents.templating.filling import Wording
from app.documents.templating.queries import get_letterhead
from app.finance.einvoicing.container import extract
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.printing import print_invoice
from app.finance.einvoicing.writing import write_xml
from app.finance.sales_invoices.wordings import look_of, words_on
from tests.documents.printing.pictures import SVG
from tests.documents.verapdf import assert_archivable
from tests.factories import acting
from tests.finance.einvoicing import samples

# A heading, a list and bold words: what a text may have.
OWN = Wording("invoice", "Commande", "# Livré\n\n- **un**\n- deux\n\n{{invoice_number}}", "Merci")
NOW = datetime(2026, 12, 3, 10, tzinfo=UTC)


def test_a_sealed_factur_x_is_still_one(stage: Any, world: Any, tmp_path: Path) -> None:
    admin = world.a.admin
    with acting(stage, admin.scope(world.a)):
        services.set_letterhead(
            colour="#1a5fb4", font="inter", sender=["1 rue X"], footer=["RCS Lyon 1"], logo=SVG,
            drop_logo=False, named=True, expected_version=0, actor=admin.actor(world.a), now=NOW,
        )  # fmt: skip
        services.create_template(
            kind="invoice", language="fr", name="Maison", wording=OWN, actor=admin.actor(world.a),
            now=NOW,
        )  # fmt: skip
        shown = look_of(
            get_letterhead(), words_on(samples.mixed_rates()), code="ABCD-EFGH-JKMN-PQRS",
            address="https://coulisse.example/verify",
        )  # fmt: skip
    assert (shown.colour, shown.footer, shown.logo) == (
        "#1a5fb4", ("RCS Lyon 1",), drawn_anew(SVG)[1],
    )  # fmt: skip
    document, form = samples.mixed_rates(), FORMS["facturx-en16931"]
    xml = write_xml(document, form=form)
    root = make_root(owner="Cabinet Morel", now=NOW)
    made = seal_pdf(
        print_invoice(document, form=form, xml=xml, look=shown),
        seal=make_seal(owner="Cabinet Morel", root=root, now=NOW), roots=[root.pem],
        reason="Issued", now=NOW,
    )  # fmt: skip
    assert extract(made) == xml
    found = read_seal(made, roots=[root.pem])
    assert found
    assert found.good
    path = tmp_path / "sealed.pdf"
    path.write_bytes(made)
    assert_archivable(path)
