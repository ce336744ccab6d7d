"""Signing in and out, passwords, one's own settings.

`sign_in`, `request_reset` and `use_link` start outside any scope and enter one themselves: only
here is it known whose. Everything else runs in the scope of the person who acts.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update

from app.auth import passwords, queries, second_factor, sessions
from app.auth.sessions import Visitor
from app.notifications.audiences import account
from app.notifications.services import tell
from tenants import audit, keys, scoping
from tenants.core.crypto import token_hash
from tenants.core.db import db
from tenants.core.errors import Invalid, NotFound
from tenants.core.text import _m
from tenants.models import PROVIDER_TENANT, RecoveryCode, SignInSession, User, UserToken
from tenants.permissions import Actor, system_actor
from tenants.queries import get_user
from tenants.services.invitations import WriteMail, send_link

log = logging.getLogger(__name__)

RESET_LIFETIME = timedelta(hours=1)
WRONG_CODE = _m("This code is not right, or it was used already.")
_DEAD_LINK = _m("This link was used already or is out of date. Ask for a new one.")


class WrongCredentials(Invalid):
    """`user_id` is for the audit alone: the answer is the same with or without it."""

    code = "wrong_credentials"
    message = _m("This e-mail address or password is not right.")

    def __init__(self, user_id: UUID | None) -> None:
        super().__init__()
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` goes into the cookie and nowhere else."""

    user_id: UUID
    token: str
    code_is_due: bool
    enrolment_is_due: bool


def sign_in(
    *, email: str, password: str, visitor: Visitor, now: datetime, previous_hash: str | None = None
) -> SignedIn:
    """Unknown, wrong and locked alike: the same words after the same time."""
    found = queries.find_account(email=email)
    scoping.leave()
    known = found.password_hash if found else None
    if not passwords.verify(known, password) or found is None:
        log.warning("sign-in refused", extra={"fields": {"address": visitor.address}})
        raise WrongCredentials(found.user_id if found else None)
    sessions.enter_as(found.user_id)
    if previous_hash:
        sessions.end(found.user_id, SignInSession.token_hash == previous_hash)
    token = sessions.start(found.user_id, visitor)
    sessions.record("account.session.started", found.user_id, visitor, now)
    return SignedIn(
        user_id=found.user_id,
        token=token,
        code_is_due=found.has_second_factor,
        enrolment_is_due=found.needs_second_factor and not found.has_second_factor,
    )


def sign_out(*, user_id: UUID, session_hash: str, visitor: Visitor, now: datetime) -> None:
    sessions.end(user_id, SignInSession.token_hash == session_hash)
    sessions.record("account.session.ended", user_id, visitor, now)


def verify_second_factor(*, user_id: UUID, code: str, now: datetime) -> None:
    """Step-up: Invalid on `code` unless it is right and unused; each code is good once.

    Works in any scope that carries this user, a client's too. `now` is the machine's time.
    """
    user = get_user(user_id=user_id)
    if not (_accept_totp(user, code, now) or _accept_recovery_code(user_id, code, now)):
        log.warning("second factor refused", extra={"fields": {"user": str(user_id)}})
        raise Invalid(field_errors={"code": [WRONG_CODE]})


def confirm_session(
    *, user_id: UUID, code: str, session_hash: str, visitor: Visitor, now: datetime
) -> str:
    """The session's new token."""
    verify_second_factor(user_id=user_id, code=code, now=now)
    token = sessions.renew(user_id, session_hash, second_factor_at=now)
    sessions.record("account.second_factor.confirmed", user_id, visitor, now)
    return token


def store_password(*, user_id: UUID, password: str) -> None:
    user = get_user(user_id=user_id)
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
    user = get_user(user_id=user_id)
    if not passwords.verify(user.password_hash, current_password):
        raise Invalid(field_errors={"current_password": [_m("This is not your password.")]})
    store_password(user_id=user_id, password=password)
    token = sessions.renew(user_id, session_hash)
    sessions.end(user_id, SignInSession.token_hash != token_hash(token))
    _void_links(user_id)
    sessions.record("account.password.changed", user_id, visitor, now)
    tell_owner("account.password_changed", user_id, now)
    return token


def note_refusal(*, name: str, user_id: UUID | None, visitor: Visitor, now: datetime) -> None:
    """Write down an attempt that failed, in a transaction after the refused one. Attempts on unknown
    addresses too: the answer must not take longer for those that exist."""
    scoping.leave()
    scoping.enter(scoping.Scope(tenant_id=PROVIDER_TENANT))
    actor = Actor(
        user_id=None, name="", side="system", address=visitor.address,
        request_id=visitor.request_id,
    )  # fmt: skip
    audit.record(name, actor=actor, now=now, object_type="user", object_id=user_id)


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
    if owner.purpose == "reset":
        tell_owner("account.password_changed", owner.user_id, now)
    user = get_user(user_id=owner.user_id)
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
    user = get_user(user_id=user_id)
    user.language, user.time_zone, user.single_keys = language, time_zone, single_keys
    db.session.flush()
    sessions.record("account.profile.changed", user_id, visitor, now)


def change_language(*, user_id: UUID, language: str) -> None:
    get_user(user_id=user_id).language = language
    db.session.flush()


def tell_owner(event: str, user_id: UUID, now: datetime) -> None:
    """By mail, whatever they switched off."""
    user = get_user(user_id=user_id)
    tell(
        event, audience=account(user_id), link="/account/security",
        key=f"{user_id}:{now.isoformat()}",
        actor=Actor(user_id=user_id, name=user.display_name, side="client"),
    )  # fmt: skip


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
            RecoveryCode.code_hash.in_(second_factor.recovery_hashes(user_id, code)),
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
