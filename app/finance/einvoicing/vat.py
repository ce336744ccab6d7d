"""VAT as an invoice states it: the category of each line, and why a line bears none, in the words the
law of the seller's country asks for. Words of law are kept here, not in the translations: a French
exemption is cited in French law on whatever page."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.finance.einvoicing.places import law_of
from tenants.core.text import _m

STANDARD, EXEMPT, REVERSE, INTRA_EU, EXPORT, OUTSIDE, ZERO = "S", "E", "AE", "K", "G", "O", "Z"
ORDER = {
    code: place
    for place, code in enumerate((STANDARD, ZERO, REVERSE, INTRA_EU, EXPORT, EXEMPT, OUTSIDE))
}
CATEGORY_LABELS = {
    STANDARD: _m("VAT charged"),
    ZERO: _m("Zero rate"),
    EXEMPT: _m("Exempt from VAT"),
    REVERSE: _m("Reverse charge"),
    INTRA_EU: _m("Supply to another EU country"),
    EXPORT: _m("Export"),
    OUTSIDE: _m("Not subject to VAT"),
}
# Rates that BR-FR-16 takes, overseas and Corsica with them; others are refused by every platform.
FRENCH_RATES = frozenset(
    map(
        Decimal,
        [
            "0",
            "0.9",
            "1.05",
            "1.75",
            "2.1",
            "5.5",
            "7",
            "8.5",
            "9.2",
            "9.6",
            "10",
            "13",
            "19.6",
            "20",
            "20.6",
        ],
    )
)


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """`code` is of the list VATEX, empty where the list has none; `country` empty for all sellers."""

    key: str
    category: str
    code: str
    texts: Mapping[str, str]
    country: str = ""

    def text(self, language: str) -> str:
        return self.texts.get(language[:2]) or self.texts["en"]


Texts = tuple[str, str, str]


def _free(key: str, category: str, code: str, texts: Texts, country: str = "") -> Exemption:
    """Texts in French, German and English."""
    return Exemption(
        key=key,
        category=category,
        code=code,
        texts=dict(zip(("fr", "de", "en"), texts, strict=True)),
        country=country,
    )


def _by_law(
    key: str, category: str, code: str, *, eu: Texts, fr: Texts, de: Texts
) -> tuple[Exemption, ...]:
    """One exemption as French law, German law and the directive cite it."""
    return (
        _free(f"{key}_fr", category, code, fr, "FR"),
        _free(f"{key}_de", category, code, de, "DE"),
        _free(key, category, code, eu),
    )


EXEMPTIONS: dict[str, Exemption] = {
    one.key: one
    for one in (
        _free(
            "reverse_charge", REVERSE, "VATEX-EU-AE",
            ("Autoliquidation", "Steuerschuldnerschaft des Leistungsempfängers", "Reverse charge"),
        ),
        _free(
            "reverse_charge_domestic", REVERSE, "VATEX-FR-AE",
            (
                "Autoliquidation (article 283 du CGI)",
                "Steuerschuldnerschaft des Leistungsempfängers (Artikel 283 CGI)",
                "Reverse charge (article 283 CGI)",
            ), "FR",
        ),
        *_by_law(
            "intra_eu", INTRA_EU, "VATEX-EU-IC",
            fr=(
                "Livraison intracommunautaire exonérée de TVA, article 262 ter, I du CGI",
                "Steuerfreie innergemeinschaftliche Lieferung (Artikel 262 ter, I CGI)",
                "Intra-Community supply exempt from VAT, article 262 ter, I CGI",
            ),
            de=(
                "Livraison intracommunautaire exonérée de TVA (§ 4 Nr. 1 Buchst. b UStG)",
                "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b UStG)",
                "Intra-Community supply exempt from VAT (§ 4 Nr. 1 Buchst. b UStG)",
            ),
            eu=(
                "Livraison intracommunautaire exonérée, article 138 de la directive 2006/112/CE",
                "Steuerfreie innergemeinschaftliche Lieferung, Artikel 138 der Richtlinie 2006/112/EG",
                "Intra-Community supply exempt from VAT, article 138 of Directive 2006/112/EC",
            ),
        ),
        *_by_law(
            "export", EXPORT, "VATEX-EU-G",
            fr=(
                "Exportation exonérée de TVA, article 262, I du CGI",
                "Steuerfreie Ausfuhrlieferung (Artikel 262, I CGI)",
                "Export exempt from VAT, article 262, I CGI",
            ),
            de=(
                "Exportation exonérée de TVA (§ 4 Nr. 1 Buchst. a UStG)",
                "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a UStG)",
                "Export exempt from VAT (§ 4 Nr. 1 Buchst. a UStG)",
            ),
            eu=(
                "Exportation exonérée, article 146 de la directive 2006/112/CE",
                "Steuerfreie Ausfuhrlieferung, Artikel 146 der Richtlinie 2006/112/EG",
                "Export exempt from VAT, article 146 of Directive 2006/112/EC",
            ),
        ),
        _free(
            "outside", OUTSIDE, "VATEX-EU-O",
            ("Opération hors du champ de la TVA", "Nicht steuerbare Leistung", "Not subject to VAT"),
        ),
        _free(
            "franchise_fr", EXEMPT, "VATEX-FR-FRANCHISE",
            (
                "TVA non applicable, article 293 B du CGI",
                "Umsatzsteuer wird nicht erhoben (Artikel 293 B CGI)",
                "VAT not applicable, article 293 B CGI",
            ), "FR",
        ),
        _free(
            "small_business_de", EXEMPT, "",
            (
                "Exonération des petites entreprises (§ 19 UStG)",
                "Steuerfrei nach § 19 UStG (Kleinunternehmer)",
                "Exempt small business (§ 19 UStG)",
            ), "DE",
        ),
        *_by_law(
            "health", EXEMPT, "VATEX-EU-132-1C",
            fr=(
                "Exonération de TVA, soins à la personne (article 261, 4, 1° du CGI)",
                "Steuerfreie Heilbehandlung (Artikel 261, 4, 1° CGI)",
                "Medical care exempt from VAT (article 261, 4, 1° CGI)",
            ),
            de=(
                "Soins médicaux exonérés de TVA (§ 4 Nr. 14 UStG)",
                "Steuerfreie Heilbehandlung (§ 4 Nr. 14 UStG)",
                "Medical care exempt from VAT (§ 4 Nr. 14 UStG)",
            ),
            eu=(
                "Soins médicaux exonérés, article 132, paragraphe 1, c) de la directive 2006/112/CE",
                "Steuerfreie Heilbehandlung, Artikel 132 Absatz 1 Buchst. c der Richtlinie 2006/112/EG",
                "Medical care exempt from VAT, article 132(1)(c) of Directive 2006/112/EC",
            ),
        ),
        *_by_law(
            "education", EXEMPT, "VATEX-EU-132-1I",
            fr=(
                "Exonération de TVA, enseignement et formation (article 261, 4, 4° du CGI)",
                "Steuerfreie Bildungsleistung (Artikel 261, 4, 4° CGI)",
                "Education exempt from VAT (article 261, 4, 4° CGI)",
            ),
            de=(
                "Enseignement exonéré de TVA (§ 4 Nr. 21 UStG)",
                "Steuerfreie Bildungsleistung (§ 4 Nr. 21 UStG)",
                "Education exempt from VAT (§ 4 Nr. 21 UStG)",
            ),
            eu=(
                "Enseignement exonéré, article 132, paragraphe 1, i) de la directive 2006/112/CE",
                "Steuerfreie Bildungsleistung, Artikel 132 Absatz 1 Buchst. i der Richtlinie 2006/112/EG",
                "Education exempt from VAT, article 132(1)(i) of Directive 2006/112/EC",
            ),
        ),
        _free(
            "finance_insurance_letting", EXEMPT, "VATEX-EU-135-1",
            (
                "Exonération de TVA, article 135, paragraphe 1 de la directive 2006/112/CE",
                "Steuerfrei nach Artikel 135 Absatz 1 der Richtlinie 2006/112/EG",
                "Exempt from VAT, article 135(1) of Directive 2006/112/EC",
            ),
        ),
        _free(
            "margin_second_hand", EXEMPT, "VATEX-EU-F",
            (
                "Régime particulier – Biens d’occasion",
                "Gebrauchtgegenstände/Sonderregelung",
                "Margin scheme – Second-hand goods",
            ),
        ),
        _free(
            "margin_travel", EXEMPT, "VATEX-EU-D",
            (
                "Régime particulier – Agences de voyages",
                "Sonderregelung für Reisebüros",
                "Margin scheme – Travel agents",
            ),
        ),
    )
}  # fmt: skip


def exemptions_for(category: str, *, seller_country: str) -> list[Exemption]:
    """The seller's own law first; a general one is left out where the country has its own wording."""
    law = law_of(seller_country)
    fitting = [
        one for one in EXEMPTIONS.values() if one.category == category and one.country in ("", law)
    ]
    own = {one.code for one in fitting if one.country}
    return sorted(
        (one for one in fitting if one.country or one.code not in own),
        key=lambda one: not one.country,
    )


def usual_exemption(category: str, *, seller_country: str) -> Exemption | None:
    """What to write when nobody chose; None where only a person knows why (E), or nothing is free."""
    if category in (STANDARD, ZERO, EXEMPT):
        return None
    if category == REVERSE:
        return EXEMPTIONS["reverse_charge"]
    found = exemptions_for(category, seller_country=seller_country)
    return found[0] if found else None


def needs_reason(category: str) -> bool:
    return category not in (STANDARD, ZERO)
