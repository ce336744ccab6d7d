from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.documents.verifying.codes import ALPHABET, LENGTH, new_code, read_code, shown


@given(st.data())
def test_a_wrong_character_is_found(data: st.DataObject) -> None:
    code = new_code()
    place = data.draw(st.integers(0, LENGTH - 1))
    other = data.draw(st.sampled_from([one for one in ALPHABET if one != code[place]]))
    assert read_code(code[:place] + other + code[place + 1 :]) is None


def test_it_is_read_as_people_write_it() -> None:
    code = new_code()
    assert len(shown(code)) == 19
    assert read_code(shown(code)) == code
    assert read_code(f" {shown(code).lower().replace('-', ' ')} ") == code
    assert read_code(code.replace("0", "O").replace("1", "l")) == code


@given(st.text(max_size=60))
def test_anything_else_is_no_code(text: str) -> None:
    found = read_code(text)
    assert found is None or len(found) == LENGTH


def test_codes_are_not_guessed() -> None:
    assert len({new_code() for _ in range(2000)}) == 2000
