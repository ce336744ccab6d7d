"""Units of UN/ECE Recommendation 20 that a back office sells in, as a page shows them."""

from tenants.core.text import Words


def _unit(en: str, fr: str, de: str) -> Words:
    return Words.of({"en": en, "fr": fr, "de": de})


UNITS: dict[str, Words] = {
    "C62": _unit("unit", "unité", "Stück"),
    "H87": _unit("piece", "pièce", "Stück"),
    "EA": _unit("each", "unité", "Stück"),
    "SET": _unit("set", "lot", "Satz"),
    "LS": _unit("lump sum", "forfait", "pauschal"),
    "HUR": _unit("h", "h", "Std."),
    "MIN": _unit("min", "min", "Min."),
    "DAY": _unit("day", "jour", "Tag"),
    "WEE": _unit("week", "semaine", "Woche"),
    "MON": _unit("month", "mois", "Monat"),
    "QAN": _unit("quarter", "trimestre", "Quartal"),
    "ANN": _unit("year", "an", "Jahr"),
    "GRM": _unit("g", "g", "g"),
    "KGM": _unit("kg", "kg", "kg"),
    "TNE": _unit("t", "t", "t"),
    "MTR": _unit("m", "m", "m"),
    "KMT": _unit("km", "km", "km"),
    "MTK": _unit("m²", "m²", "m²"),
    "MTQ": _unit("m³", "m³", "m³"),
    "LTR": _unit("l", "l", "l"),
    "HLT": _unit("hl", "hl", "hl"),
    "KWH": _unit("kWh", "kWh", "kWh"),
    "XBX": _unit("box", "carton", "Karton"),
    "XPX": _unit("pallet", "palette", "Palette"),
    "P1": _unit("%", "%", "%"),
}


def unit_text(code: str, language: str) -> str:
    """The code itself where we have no word for it."""
    words = UNITS.get(code)
    return words.in_language(language) if words else code
