"""One's own second factor and recovery codes: set up, replace, renew, remove."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, insert, update

from app.auth import queries, second_factor, sessions
from app.auth.services import WRONG_CODE, tell_owner, verify_second_factor
from app.auth.sessions import Visitor
from tenants import keys
from tenants.core.crypto import token_hash
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.text import _m
from tenants.models import RecoveryCode, SignInSession, User
from tenants.permissions import SECOND_FACTOR_FRESH
from tenants.queries import get_user


@dataclass(frozen=True, slots=True)
class Enrolled:
    token: str
    recovery_codes: list[str]


@dataclass(frozen=True, slots=True)
class PendingSecret:
    """`sealed` comes back with the first code, so that showing the page stores nothing."""

    secret: str
    sealed: str
    link: str


def begin_enrolment(
    *, user_id: UUID, second_factor_at: datetime | None, now: datetime, sealed: str | None = None
) -> PendingSecret:
    """Forbidden while an older factor is in use and wasn't shown within minutes: a password alone
    must not replace it. A `sealed` secret of an earlier page is shown again."""
    user = get_user(user_id=user_id)
    _guard_replacement(user, second_factor_at, now)
    context = f"{user_id}|users.totp_pending"
    if sealed is None:
        secret = second_factor.new_secret()
        sealed = keys.ring().seal(secret.encode(), context)
    else:
        secret = _open_pending(sealed, context)
    return PendingSecret(secret, sealed, second_factor.enrolment_link(secret, user.email))


def enrol(
    *,
    user_id: UUID,
    sealed: str,
    code: str,
    session_hash: str,
    second_factor_at: datetime | None,
    visitor: Visitor,
    now: datetime,
) -> Enrolled:
    user = get_user(user_id=user_id)
    _guard_replacement(user, second_factor_at, now)
    secret = _open_pending(sealed, f"{user_id}|users.totp_pending")
    step = second_factor.matching_step(secret, code, at=now.timestamp(), after_step=0)
    if step is None:
        raise Invalid(field_errors={"code": [WRONG_CODE]})
    codes = store_second_factor(user_id=user_id, secret=secret, last_step=step, now=now)
    token = sessions.renew(user_id, session_hash, second_factor_at=now)
    sessions.end(user_id, SignInSession.token_hash != token_hash(token))
    sessions.record("account.second_factor.enrolled", user_id, visitor, now)
    tell_owner("account.second_factor_changed", user_id, now)
    return Enrolled(token, codes)


def renew_recovery_codes(*, user_id: UUID, code: str, visitor: Visitor, now: datetime) -> list[str]:
    """The new ones, this once; the old ones are void. `code` is of the app, or one of the old."""
    verify_second_factor(user_id=user_id, code=code, now=now)
    codes = _store_recovery_codes(user_id)
    sessions.record("account.recovery_codes.renewed", user_id, visitor, now)
    tell_owner("account.second_factor_changed", user_id, now)
    return codes


def remove_second_factor(
    *, user_id: UUID, code: str, session_hash: str, visitor: Visitor, now: datetime
) -> str:
    """The session's new token; every other session ends. Refused where a role asks for the factor."""
    user = get_user(user_id=user_id)
    known = queries.find_account(email=user.email)
    if known is None or known.needs_second_factor:
        raise Conflict(
            _m("Your role needs an authenticator app. You can replace it, not remove it."),
            code="second_factor_needed",
        )
    verify_second_factor(user_id=user_id, code=code, now=now)
    db.session.execute(
        update(User)
        .where(User.id == user_id)
        .values(totp_sealed=None, totp_confirmed_at=None, totp_last_step=0)
    )
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    token = sessions.renew(user_id, session_hash)
    sessions.end(user_id, SignInSession.token_hash != token_hash(token))
    sessions.record("account.second_factor.removed", user_id, visitor, now)
    tell_owner("account.second_factor_changed", user_id, now)
    return token


def store_second_factor(
    *, user_id: UUID, secret: str, now: datetime, last_step: int = 0
) -> list[str]:
    """Replaces the factor and its recovery codes, which are answered this once."""
    sealed = keys.ring().seal(secret.encode(), f"{user_id}|users.totp_sealed")
    db.session.execute(
        update(User)
        .where(User.id == user_id)
        .values(totp_sealed=sealed, totp_confirmed_at=now, totp_last_step=last_step)
    )
    return _store_recovery_codes(user_id)


def _store_recovery_codes(user_id: UUID) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = second_factor.new_recovery_codes()
    db.session.execute(
        insert(RecoveryCode),
        [
            {"user_id": user_id, "code_hash": second_factor.recovery_hash(user_id, one)}
            for one in codes
        ],
    )
    return codes


def _guard_replacement(user: User, second_factor_at: datetime | None, now: datetime) -> None:
    fresh = second_factor_at is not None and now - second_factor_at <= SECOND_FACTOR_FRESH
    if user.totp_confirmed_at is not None and not fresh:
        raise Forbidden(
            _m("Please confirm with a code from your authenticator app."),
            code="second_factor_required",
        )


def _open_pending(sealed: str, context: str) -> str:
    try:
        return keys.ring().open(sealed, context).decode()
    except (InvalidTag, KeyError, ValueError) as error:
        raise Invalid(_m("This page is out of date. Open it again."), code="stale_page") from error
