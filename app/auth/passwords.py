"""Argon2id and what a password must be (8 to 128 characters, not easily guessed)."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from tenants.core.errors import Invalid
from tenants.core.text import _m

_TIME, _MEMORY, _LANES = 3, 64 * 1024, 2
_hasher = PasswordHasher(time_cost=_TIME, memory_cost=_MEMORY, parallelism=_LANES)
# Each hash holds 64 MiB: a flood of sign-ins must not exhaust the machine.
_slots = threading.BoundedSemaphore(4)
# Verified when the account doesn't exist, so that the answer takes as long. Its salt and its hash
# are zeros: making a real one takes longer than importing everything else here.
_NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_TIME},p={_LANES}${'A' * 22}${'A' * 43}"


def hash_password(password: str) -> str:
    with _slots:
        return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    with _slots:
        try:
            _hasher.verify(password_hash or _NOBODY, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return password_hash is not None


def check_strength(password: str, *, hints: list[str]) -> None:
    """Raise Invalid on the field `password`; `hints` are the person's own names."""
    problem = ""
    if len(password) < 8:
        problem = _m("Use at least 8 characters.")
    elif len(password) > 128:
        problem = _m("Use at most 128 characters.")
    elif _score(password[:72], hints) < 2:
        problem = _m("This password is easy to guess. Use a few unrelated words.")
    if problem:
        raise Invalid(field_errors={"password": [problem]})


def _score(password: str, hints: list[str]) -> int:
    # Its lists of words take 12 MB, which only a process in which somebody chooses one needs.
    from zxcvbn import zxcvbn

    return int(zxcvbn(password, user_inputs=hints)["score"])
