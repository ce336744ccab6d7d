"""How far the tests look: a seeded or short form for every change, twenty times as far under
`make prove`."""

import os

PROVE = os.environ.get("COULISSE_PROVE") == "1"


def effort(usual: int) -> int:
    return usual * 20 if PROVE else usual
