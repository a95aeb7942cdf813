"""Operators' accounts. Nobody can disable the last administrator or change that account's role."""

import secrets
from dataclasses import replace

from controller.errors import N_, BadInput, Conflict, FieldConflict
from controller.model.operators import MACHINE, Operator, OperatorRole, OperatorStatus
from controller.model.orders import ActionType
from controller.registry import operators as rows
from controller.registry.accounts import passwords as password_rows
from controller.registry.accounts import sessions
from controller.registry.accounts import sign_in_failures as failures
from controller.registry.accounts.pending import AccountChange
from controller.registry.database import Connection
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.field_errors import FieldErrors
from controller.services.operators import accounts, both_files, passwords, throttle
from controller.services.registry_rollback import is_rolled_back, must_be_accepted
from controller.services.rights import Right


def all_operators(acting: Acting) -> tuple[Operator, ...]:
    """All accounts by name, including disabled ones."""
    acting.require(Right.VIEW_OPERATORS)
    with acting.site.registry.read() as db:
        return tuple(rows.all_operators(db))


def get(acting: Acting, operator_id: str) -> Operator:
    acting.require(Right.VIEW_OPERATORS)
    with acting.site.registry.read() as db:
        return accounts.require_operator(rows.operator(db, operator_id))


def add(
    acting: Acting,
    name: str,
    display_name: str,
    role: OperatorRole,
    language: str,
    password: str,
) -> Operator:
    """`name` is typed at sign-in: 1 to 50 letters, digits, `.`, `-`, `_`, `@`; compared without case."""
    acting.require(Right.EDIT_OPERATORS)
    refuse_bad(acting, name, display_name, language=language, password=password)
    added = accounts.new_operator(name, display_name, role, language)
    checked = passwords.check_new("password", password, (added.name, added.display_name))
    stored = passwords.hashed(checked, acting.site.password_cost)
    with both_files.write(acting.site) as both:
        _refuse_used_name(both.registry, added.name)
        rows.add_operator(both.registry, added)
        both.change = AccountChange(operator_id=added.id, password_hash=stored)
        acting.record(
            both.registry,
            ActionType.OPERATOR_ADDED,
            "operator",
            added.id,
            after=accounts.audit_fields(added),
        )
    return added


def refuse_bad(acting: Acting, name: str, display_name: str, language: str, password: str) -> None:
    """Refuse every value that `add` would refuse."""
    acting.require(Right.EDIT_OPERATORS)
    with FieldErrors() as fields:
        fields.check(_refuse_bad_name, acting, name)
        fields.check(accounts.refuse_bad, display_name, language)
        fields.check(passwords.check_new, "password", password, (name, display_name))


def _refuse_bad_name(acting: Acting, text: str) -> None:
    name = typed_texts.sign_in_name("name", text)
    with acting.site.registry.read() as db:
        _refuse_used_name(db, name)


def _refuse_used_name(db: Connection, name: str) -> None:
    if rows.operator_named(db, name) is not None:
        raise FieldConflict(
            "name", N_("There is already an account named {name}; choose another name."), name=name
        )


def edit(
    acting: Acting,
    operator_id: str,
    display_name: str,
    role: OperatorRole,
    language: str,
) -> Operator:
    acting.require(Right.EDIT_OPERATORS)
    with FieldErrors() as fields:
        display_name = fields.check(typed_texts.name_text, "display_name", display_name)
        fields.check(accounts.checked_language, language)
    with acting.site.registry.write() as db:
        before = accounts.require_operator(rows.operator(db, operator_id))
        after = replace(before, display_name=display_name, role=role, language=language)
        return accounts.change(acting, db, type_=ActionType.OPERATOR_CHANGED, before=before, after=after)


def disable(acting: Acting, operator_id: str) -> Operator:
    """Disable the account and end its sessions immediately."""
    acting.require(Right.EDIT_OPERATORS)
    with both_files.write(acting.site) as both:
        before = accounts.require_operator(rows.operator(both.registry, operator_id))
        after = replace(before, status=OperatorStatus.DISABLED)
        both.change = AccountChange(operator_id=operator_id, ends_sessions=True, forgets_browsers=True)
        return accounts.change(
            acting, both.registry, type_=ActionType.OPERATOR_DISABLED, before=before, after=after
        )


def enable(acting: Acting, operator_id: str) -> Operator:
    acting.require(Right.EDIT_OPERATORS)
    with acting.site.registry.write() as db:
        before = accounts.require_operator(rows.operator(db, operator_id))
        after = replace(before, status=OperatorStatus.ACTIVE)
        return accounts.change(acting, db, type_=ActionType.OPERATOR_ENABLED, before=before, after=after)


def set_password(acting: Acting, operator_id: str, password: str) -> None:
    """Set another operator's password; end that operator's sessions and lift a lock by failed sign-ins.

    In a registry that was put back, somebody who was disabled since could sign in as another administrator.
    """
    acting.require(Right.EDIT_OPERATORS)
    with acting.site.registry.read() as db:
        whose = accounts.require_operator(rows.operator(db, operator_id))
    checked = passwords.check_new("password", password, (whose.name, whose.display_name))
    stored = passwords.hashed(checked, acting.site.password_cost)
    with both_files.write(acting.site) as both:
        if acting.operator.id != MACHINE.id and is_rolled_back(acting.site, both.registry):
            raise must_be_accepted()
        whose = accounts.require_operator(rows.operator(both.registry, operator_id))
        both.change = accounts.replaced_password(whose, stored)
        acting.record(
            both.registry,
            ActionType.PASSWORD_SET,
            "operator",
            operator_id,
            after={"name": whose.name},
        )


def change_own_password(acting: Acting, current: str, new: str, token: str) -> None:
    """Ends all other sessions of this operator; `token` is the session to keep.

    Limits wrong tries, so that a person at an unlocked screen cannot guess the password.
    """
    acting.require(Right.OWN_ACCOUNT)
    browser = sessions.token_hash(token)
    account = failures.account_hash(acting.operator.name)
    with both_files.write_accounts(acting.site) as db:
        stored = password_rows.password_hash(db, acting.operator.id)
        throttle.refuse_if_too_many(db, account, address="", browser=browser, utc=acting.moment.utc)
        failures.add_failure(
            db, account, operator_id=acting.operator.id, browser=browser, utc=acting.moment.utc
        )
    if not passwords.matches(stored, current, acting.site.password_cost):
        raise BadInput("current", N_("This is not your current password; enter it again."))
    checked = passwords.check_new("new", new, (acting.operator.name, acting.operator.display_name))
    if passwords.matches(stored, checked, acting.site.password_cost):
        raise BadInput("new", N_("The new password is the same as the current one; choose another."))
    changed = passwords.hashed(checked, acting.site.password_cost)
    with both_files.write(acting.site) as both:
        accounts.require_operator(rows.operator(both.registry, acting.operator.id))
        with both_files.read(acting.site) as db:
            if password_rows.password_hash(db, acting.operator.id) != stored:
                raise Conflict(N_("Your password was changed meanwhile; sign in again."))
        both.change = AccountChange(
            operator_id=acting.operator.id,
            password_hash=changed,
            ends_sessions=True,
            kept_session=browser.hex(),
            forgiven_browser=browser.hex(),
        )
        acting.record(both.registry, ActionType.PASSWORD_CHANGED, "operator", acting.operator.id)


def set_language(acting: Acting, language: str) -> Operator:
    """Store the language that the operator chose."""
    acting.require(Right.OWN_ACCOUNT)
    accounts.checked_language(language)
    with acting.site.registry.write() as db:
        before = accounts.require_operator(rows.operator(db, acting.operator.id))
        return accounts.change(
            acting,
            db,
            type_=ActionType.OPERATOR_CHANGED,
            before=before,
            after=replace(before, language=language),
        )


def reset(acting: Acting, name: str) -> str:
    """For the command line: enable the account, end its sessions, and return a new random password once."""
    acting.require(Right.EDIT_OPERATORS)
    words = secrets.token_hex(12)
    password = "-".join(words[i : i + 4] for i in range(0, len(words), 4))
    stored = passwords.hashed(password, acting.site.password_cost)
    with both_files.write(acting.site) as both:
        folded = typed_texts.folded_name(name[:200])
        whose = accounts.require_operator(rows.operator_named(both.registry, folded))
        rows.change_operator(both.registry, replace(whose, status=OperatorStatus.ACTIVE))
        both.change = accounts.replaced_password(whose, stored)
        acting.record(
            both.registry,
            ActionType.OPERATOR_RESET,
            "operator",
            whose.id,
            before={"status": whose.status.value},
            after={"status": OperatorStatus.ACTIVE.value},
            about={"name": whose.name},
        )
    return password
