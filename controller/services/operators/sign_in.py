"""Sign-in to the pages: set-up code, sign-in, sessions, sign-out.

A session is 256 random bits in the browser and their SHA-256 here. It ends after 30 minutes without use,
after 12 hours, at sign-out, and immediately when an administrator disables its operator.
"""

import contextlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.errors import N_, BadInput, Conflict, InstallerError
from controller.model.moment import Moment
from controller.model.operators import Operator, OperatorRole, OperatorStatus
from controller.model.orders import ActionType
from controller.registry import actions, operators
from controller.registry.accounts import passwords as password_rows
from controller.registry.accounts import sessions
from controller.registry.accounts import sign_in_failures as failures
from controller.registry.accounts.pending import AccountChange
from controller.registry.database import Connection
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.field_errors import FieldErrors
from controller.services.operators import both_files, passwords, throttle
from controller.services.operators.accounts import new_operator
from controller.services.site import Site

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SET_UP_CODE_LIVES = timedelta(hours=1)
_SEEN_EVERY = timedelta(minutes=1)  # resolution of the last use: one write per minute, not per page
_CLOCK_SLACK = timedelta(minutes=5)  # a session used later than now: the clock was set back, sign in again


@dataclass(frozen=True, slots=True)
class SignedIn:
    operator: Operator
    token: str  # for the session cookie
    device: str  # for the device cookie (180 days): this browser is known, see `sign_in`


def set_up_needed(site: Site) -> bool:
    """Whether no administrator exists yet. Reads a few rows; cheap enough for every request."""
    with site.registry.read() as db:
        return not operators.any_administrator(db)


def new_set_up_code(site: Site, now: Moment) -> str | None:
    """128 bits, good for one hour and one use; replaces an earlier one. None once an administrator exists."""
    code = secrets.token_hex(16)
    grouped = "-".join(code[i : i + 4] for i in range(0, len(code), 4))
    if not set_up_needed(site):
        return None
    with both_files.write_accounts(site) as db:
        sessions.save_set_up_code(db, code, now.utc + SET_UP_CODE_LIVES)
    return grouped


def first_administrator(
    site: Site,
    now: Moment,
    code: str,
    name: str,
    display_name: str,
    language: str,
    password: str,
    address: str,
    password_again: str | None = None,
) -> SignedIn:
    """Uses the code up. BadInput names the field; a wrong or old code is BadInput("code", …).

    `password_again` is the password as typed a second time, where a form asks for it twice.
    """
    with site.registry.read() as db:
        _refuse_second(db)
    with FieldErrors() as fields:
        fields.check(_refuse_wrong_code, site, now, code)
        fields.check(new_operator, name, display_name, OperatorRole.ADMIN, language=language)
        fields.check(passwords.check_new, "password", password, (name, display_name))
        fields.check(_refuse_difference, password, password if password_again is None else password_again)
    first = new_operator(name, display_name, OperatorRole.ADMIN, language)
    checked = passwords.check_new("password", password, (first.name, first.display_name))
    stored = passwords.hashed(checked, site.password_cost)
    with both_files.write(site) as both:
        _refuse_second(both.registry)
        operators.add_operator(both.registry, first)
        both.change = AccountChange(operator_id=first.id, password_hash=stored, uses_set_up_code=True)
        actions.record(
            both.registry,
            operator=first,
            utc=now.utc,
            action=ActionType.FIRST_ADMINISTRATOR_ADDED,
            object_type="operator",
            object_id=first.id,
            after={"name": first.name, "display_name": first.display_name, "address": address},
        )
    with both_files.write_accounts(site) as accounts:
        return _enter(accounts, first, None, now.utc)


def _refuse_wrong_code(site: Site, now: Moment, code: str) -> None:
    typed = typed_texts.folded_name(code[:200]).replace("-", "").replace(" ", "")
    with both_files.read(site) as db:
        if not sessions.is_set_up_code(db, typed, now.utc):
            raise BadInput(
                "code",
                N_("This set-up code is not, or no longer, valid; print a new one with genkan init."),
            )


def _refuse_difference(password: str, again: str) -> None:
    if password != again:
        raise BadInput("password_again", N_("The two passwords differ; enter the same one twice."))


def sign_in(
    site: Site, now: Moment, name: str, password: str, address: str, device: str | None = None
) -> SignedIn:
    """Raises Throttled, or BadInput("password", …) with one answer for every kind of failure.

    At most 10 tries in 15 minutes and 100 in all for an account until an administrator sets its password;
    a browser that signed in before (`device`) is counted by itself, so its owner can still sign in. After 20
    failures in 15 minutes an address waits between two tries, up to 30 seconds, unless the browser is known.
    """
    typed = typed_texts.folded_name(name[:200]).encode("utf-8", "replace").decode()
    account = failures.account_hash(typed)
    with site.registry.read() as db:
        whose = operators.operator_named(db, typed)
    with both_files.write_accounts(site) as db:
        failures.drop_old(db, now.utc)
        is_registered_browser = (
            device is not None and whose is not None and sessions.is_registered_browser(db, device, whose.id)
        )
        browser = sessions.token_hash(device) if is_registered_browser and device is not None else None
        throttle.refuse_if_too_many(db, account, address, browser, utc=now.utc)
        failure = failures.add_failure(
            db,
            account,
            operator_id=whose.id if whose else None,
            browser=browser,
            utc=now.utc,
        )
        stored = None if whose is None else password_rows.password_hash(db, whose.id)
    right = passwords.matches(stored, password, site.password_cost)
    # The session before the record, and both under the registry's lock: nobody has the token of a session
    # whose record did not follow, and a new password or a disabled account ends it.
    entered = None
    with site.registry.write() as db, both_files.write_accounts(site) as accounts:
        whose = operators.operator_named(db, typed)
        if (
            right
            and whose is not None
            and whose.status is OperatorStatus.ACTIVE
            and password_rows.password_hash(accounts, whose.id) == stored
        ):
            failures.drop_failure(accounts, failure)
            if browser is None:
                failures.forgive(accounts, account)
            else:
                failures.forgive_browser(accounts, browser)
            entered = _enter(accounts, whose, device if is_registered_browser else None, now.utc)
        else:
            failures.count_at_address(accounts, failure, address)
        actions.record(
            db,
            operator=whose,
            utc=now.utc,
            action=ActionType.SIGN_IN_FAILED if entered is None else ActionType.SIGNED_IN,
            object_type="operator",
            object_id=whose.id if whose else None,
            after={"address": address},
        )
    if entered is None:
        raise BadInput("password", N_("Name and password do not match; enter both again."))
    return entered


def session(site: Site, now: Moment, token: str, used: bool = True) -> Operator | None:
    """The operator of the session, with the present account; None if the session has ended.

    `used` is False for a page's automatic refresh: a page left open must not keep the session alive.
    """
    with both_files.read(site) as accounts:
        found = sessions.session(accounts, token)
    if found is None:
        return None
    with site.registry.read() as db:
        operator = operators.operator(db, found.operator_id)
    if operator is None or operator.status is not OperatorStatus.ACTIVE:
        return None
    age, unused = now.utc - found.created, now.utc - found.last_seen
    if age > LONGEST or unused > IDLE or unused < -_CLOCK_SLACK:
        return None
    if used and unused > _SEEN_EVERY:
        # A full disk must not keep operators from reading the pages.
        with contextlib.suppress(InstallerError), site.accounts.write() as accounts:
            sessions.touch_session(accounts, token, now.utc)
    return operator


def sign_out(acting: Acting, token: str) -> None:
    with both_files.write(acting.site) as both:
        ended = sessions.token_hash(token).hex()
        both.change = AccountChange(operator_id=acting.operator.id, ended_session=ended)
        acting.record(both.registry, ActionType.SIGNED_OUT, "operator", acting.operator.id)


def _enter(db: Connection, operator: Operator, device: str | None, utc: datetime) -> SignedIn:
    """Create a session, always with a new token: a token planted before sign-in is useless after it."""
    token, device = secrets.token_urlsafe(32), device or secrets.token_urlsafe(32)
    sessions.end_sessions_before(db, utc - LONGEST, utc - IDLE)
    sessions.add_session(db, token, operator.id, utc)
    sessions.remember_browser(db, device, operator.id, utc)
    return SignedIn(operator, token, device)


def _refuse_second(db: Connection) -> None:
    if operators.any_administrator(db):
        raise Conflict(N_("The first administrator exists already; sign in."))
