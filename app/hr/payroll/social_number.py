"""The French social security number (NIR): 13 characters and a key of two digits."""

import re

SHAPE = re.compile(r"[1-478]\d{2}\d{2}(\d{2}|2[AB])\d{6}\d{2}")
CORSICA = {"2A": "19", "2B": "18"}


def is_valid(given: str) -> bool:
    number = re.sub(r"[\s.\-]", "", given).upper()
    if not number.isascii() or not SHAPE.fullmatch(number):
        return False
    body, key = number[:13], number[13:]
    place = body[5:7]
    return 97 - int(body[:5] + CORSICA.get(place, place) + body[7:]) % 97 == int(key)
