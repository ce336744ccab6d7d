"""Signing in and out, the second factor, passwords, one's own settings.

`sign_in`, `request_reset` and `use_link` start outside any scope and enter one themselves: only
here is it known whose. Everything else runs in the scope of the person who acts.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, func, insert, update

from app.auth import passwords, queries, second_factor, sessions
from app.auth.sessions import Visitor
from tenants import audit, keys, scoping
from tenants.core.crypto import token_hash
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid, NotFound
from tenants.core.text import _m
from tenants.models import PROVIDER_TENANT, RecoveryCode, SignInSession, User, UserToken
from tenants.permissions import SECOND_FACTOR_FRESH, system_actor
from tenants.services.invitations import WriteMail, send_link

log = logging.getLogger(__name__)

RESET_LIFETIME = timedelta(hours=1)
_WRONG = _m("This e-mail address or password is not right.")
_WRONG_CODE = _m("This code is not right, or it was used already.")
_DEAD_LINK = _m("This link was used already or is out of date. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` goes into the cookie and nowhere else."""

    user_id: UUID
    token: str
    code_is_due: bool
    enrolment_is_due: bool


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


def sign_in(
    *, email: str, password: str, visitor: Visitor, now: datetime, previous_hash: str | None = None
) -> SignedIn:
    """Unknown, wrong and locked alike: the same words after the same time."""
    account = queries.find_account(email=email)
    scoping.leave()
    known = account.password_hash if account else None
    if not passwords.verify(known, password) or account is None:
        log.warning("sign-in refused", extra={"fields": {"address": visitor.address}})
        raise Invalid(_WRONG, code="wrong_credentials")
    sessions.enter_as(account.user_id)
    if previous_hash:
        sessions.end(account.user_id, SignInSession.token_hash == previous_hash)
    token = sessions.start(account.user_id, visitor)
    sessions.record("account.session.started", account.user_id, visitor, now)
    return SignedIn(
        user_id=account.user_id,
        token=token,
        code_is_due=account.has_second_factor,
        enrolment_is_due=account.needs_second_factor and not account.has_second_factor,
    )


def sign_out(*, user_id: UUID, session_hash: str, visitor: Visitor, now: datetime) -> None:
    sessions.end(user_id, SignInSession.token_hash == session_hash)
    sessions.record("account.session.ended", user_id, visitor, now)


def verify_second_factor(
    *, user_id: UUID, code: str, now: datetime, session_hash: str | None = None
) -> None:
    """Step-up: Invalid on `code` unless it is right and unused; each code is good once.

    Works in any scope that carries this user, a client's too. With `session_hash` that session
    counts as freshly confirmed. `now` is the machine's time.
    """
    user = queries.get_user(user_id=user_id)
    if not (_accept_totp(user, code, now) or _accept_recovery_code(user_id, code, now)):
        log.warning("second factor refused", extra={"fields": {"user": str(user_id)}})
        raise Invalid(field_errors={"code": [_WRONG_CODE]})
    if session_hash is not None:
        db.session.execute(
            update(SignInSession)
            .where(SignInSession.token_hash == session_hash, SignInSession.user_id == user_id)
            .values(second_factor_at=now)
        )


def confirm_session(
    *, user_id: UUID, code: str, session_hash: str, visitor: Visitor, now: datetime
) -> str:
    """The session's new token."""
    verify_second_factor(user_id=user_id, code=code, now=now)
    token = sessions.renew(user_id, session_hash, second_factor_at=now)
    sessions.record("account.second_factor.confirmed", user_id, visitor, now)
    return token


def begin_enrolment(
    *, user_id: UUID, second_factor_at: datetime | None, now: datetime, sealed: str | None = None
) -> PendingSecret:
    """Forbidden while an older factor is in use and wasn't shown within minutes: a password alone
    must not replace it. A `sealed` secret of an earlier page is shown again."""
    user = queries.get_user(user_id=user_id)
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
    user = queries.get_user(user_id=user_id)
    _guard_replacement(user, second_factor_at, now)
    secret = _open_pending(sealed, f"{user_id}|users.totp_pending")
    step = second_factor.matching_step(secret, code, at=now.timestamp(), after_step=0)
    if step is None:
        raise Invalid(field_errors={"code": [_WRONG_CODE]})
    codes = store_second_factor(user_id=user_id, secret=secret, last_step=step, now=now)
    token = sessions.renew(user_id, session_hash, second_factor_at=now)
    sessions.end(user_id, SignInSession.token_hash != token_hash(token))
    sessions.record("account.second_factor.enrolled", user_id, visitor, now)
    return Enrolled(token, codes)


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
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = second_factor.new_recovery_codes()
    db.session.execute(
        insert(RecoveryCode),
        [{"user_id": user_id, "code_hash": second_factor.recovery_hash(one)} for one in codes],
    )
    return codes


def store_password(*, user_id: UUID, password: str) -> None:
    user = queries.get_user(user_id=user_id)
    passwords.check_strength(password, hints=[user.display_name, user.email])
    user.password_hash = passwords.hash_password(password)
    db.session.flush()


def change_password(
    *,
    user_id: UUID,
    current_password: str,
    password: str,
    session_hash: str,
    visitor: Visitor,
    now: datetime,
) -> str:
    """Ends every other session; the answer is this one's new token."""
    user = queries.get_user(user_id=user_id)
    if not passwords.verify(user.password_hash, current_password):
        raise Invalid(field_errors={"current_password": [_m("This is not your password.")]})
    store_password(user_id=user_id, password=password)
    token = sessions.renew(user_id, session_hash)
    sessions.end(user_id, SignInSession.token_hash != token_hash(token))
    _void_links(user_id)
    sessions.record("account.password.changed", user_id, visitor, now)
    return token


def request_reset(
    *, email: str, write: WriteMail, base_url: str, visitor: Visitor, now: datetime
) -> None:
    """Says nothing about whether the account exists."""
    scoping.enter(scoping.Scope(tenant_id=PROVIDER_TENANT, side="provider"))
    link = send_link(
        email=email, purpose="reset", lifetime=RESET_LIFETIME, write=write, base_url=base_url
    )
    if link is not None:
        audit.record(
            "account.reset.requested", actor=system_actor(PROVIDER_TENANT), now=now,
            object_type="user", address=visitor.address,
        )  # fmt: skip


def get_link_owner(*, token: str) -> queries.LinkOwner:
    owner = queries.find_link_owner(token_hash=token_hash(token))
    if owner is None:
        raise NotFound(_DEAD_LINK, code="dead_link")
    return owner


def use_link(*, token: str, password: str, visitor: Visitor, now: datetime) -> SignedIn:
    """Sets the password and signs in; the link and every other one of this person are void."""
    owner = get_link_owner(token=token)
    scoping.leave()
    sessions.enter_as(owner.user_id)
    if not _take_link(owner.user_id, token):
        raise NotFound(_DEAD_LINK, code="dead_link")
    store_password(user_id=owner.user_id, password=password)
    sessions.end(owner.user_id)
    _void_links(owner.user_id)
    new_token = sessions.start(owner.user_id, visitor)
    sessions.record(f"account.{owner.purpose}.used", owner.user_id, visitor, now)
    user = queries.get_user(user_id=owner.user_id)
    return SignedIn(owner.user_id, new_token, user.totp_confirmed_at is not None, False)


def change_profile(
    *,
    user_id: UUID,
    language: str,
    time_zone: str | None,
    single_keys: bool,
    visitor: Visitor,
    now: datetime,
) -> None:
    user = queries.get_user(user_id=user_id)
    user.language, user.time_zone, user.single_keys = language, time_zone, single_keys
    db.session.flush()
    sessions.record("account.profile.changed", user_id, visitor, now)


def change_language(*, user_id: UUID, language: str) -> None:
    queries.get_user(user_id=user_id).language = language
    db.session.flush()


def end_session(
    *, user_id: UUID, ref: str, session_hash: str, visitor: Visitor, now: datetime
) -> None:
    """One of the person's other sessions; `ref` 'others' means all of them."""
    others = SignInSession.token_hash != session_hash
    if ref != "others":
        if len(ref) != queries.REF_LENGTH or not ref.isalnum():
            raise NotFound
        others &= SignInSession.token_hash.startswith(ref)
    if not sessions.end(user_id, others) and ref != "others":
        raise NotFound
    sessions.record("account.session.ended", user_id, visitor, now)


def _accept_totp(user: User, code: str, now: datetime) -> bool:
    if user.totp_sealed is None or user.totp_confirmed_at is None:
        return False
    secret = keys.ring().open(user.totp_sealed, f"{user.id}|users.totp_sealed").decode()
    step = second_factor.matching_step(
        secret, code, at=now.timestamp(), after_step=user.totp_last_step
    )
    if step is None:
        return False
    # Two requests with the same code: the row lets one of them through.
    return _took(
        update(User)
        .where(User.id == user.id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
    )


def _accept_recovery_code(user_id: UUID, code: str, now: datetime) -> bool:
    return _took(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == second_factor.recovery_hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.user_id)
    )


def _take_link(user_id: UUID, token: str) -> bool:
    return _took(
        update(UserToken)
        .where(
            UserToken.token_hash == token_hash(token),
            UserToken.user_id == user_id,
            UserToken.used_at.is_(None),
            UserToken.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(UserToken.user_id)
    )


def _took(statement: object) -> bool:
    return db.session.execute(statement).first() is not None  # type: ignore[call-overload]


def _void_links(user_id: UUID) -> None:
    db.session.execute(
        update(UserToken)
        .where(UserToken.user_id == user_id, UserToken.used_at.is_(None))
        .values(used_at=func.now())
    )


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
