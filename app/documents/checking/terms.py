"""Which term of EN 16931 an element carries: the ends of its paths in CII and UBL."""

from pathlib import Path

# "ExchangedDocument/ID" -> "BT-1"
TERMS = {
    end: term
    for term, *ends in (
        line.split() for line in Path(__file__).with_name("terms.txt").read_text().splitlines()
    )
    for end in ends
}
