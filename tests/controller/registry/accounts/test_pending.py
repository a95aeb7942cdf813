from controller.registry.accounts import passwords, pending, sessions
from controller.registry.accounts import sign_in_failures as failures
from controller.registry.accounts.database import Accounts
from controller.registry.accounts.pending import AccountChange
from tests.controller.registry.samples import UTC_NOW
from tests.sample_site import ADMIN, VIEWER

ACCOUNT, BROWSER = failures.account_hash("kanri"), sessions.token_hash("kept")


def signed_in(accounts: Accounts) -> None:
    """Two sessions of ADMIN, one of VIEWER, a browser, a code and two failures."""
    with accounts.write() as db:
        for token, whose in (("kept", ADMIN), ("ended", ADMIN), ("other", VIEWER)):
            sessions.add_session(db, token, whose.id, UTC_NOW)
        sessions.remember_browser(db, "browser", ADMIN.id, UTC_NOW)
        sessions.save_set_up_code(db, "code", UTC_NOW)
        failures.add_failure(db, ACCOUNT, ADMIN.id, browser=None, utc=UTC_NOW)
        failures.add_failure(db, ACCOUNT, ADMIN.id, browser=BROWSER, utc=UTC_NOW)


def settled(accounts: Accounts, change: AccountChange) -> None:
    with accounts.write() as db:
        pending.add(db, "1", change)
        pending.settle(db, ["1"])
        assert pending.ids(db) == []


def alive(accounts: Accounts) -> list[str]:
    with accounts.read() as db:
        return [token for token in ("kept", "ended", "other") if sessions.session(db, token)]


def test_nothing_is_applied_before_it_is_decided_or_after_it_is_dropped(accounts: Accounts) -> None:
    with accounts.write() as db:
        pending.add(db, "1", AccountChange(operator_id=ADMIN.id, password_hash="first"))
        pending.add(db, "2", AccountChange(operator_id=ADMIN.id, password_hash="second"))
        pending.settle(db, [])
        assert passwords.password_hash(db, ADMIN.id) is None and pending.ids(db) == ["1", "2"]
        pending.drop(db, "2")
        pending.settle(db, ["1", "2"])
        assert passwords.password_hash(db, ADMIN.id) == "first" and pending.ids(db) == []


def test_later_change_is_applied_last(accounts: Accounts) -> None:
    with accounts.write() as db:
        for id_, hashed in (("z", "first"), ("a", "second")):
            pending.add(db, id_, AccountChange(operator_id=ADMIN.id, password_hash=hashed))
        pending.settle(db, {"a", "z"})
        assert passwords.password_hash(db, ADMIN.id) == "second"


def test_change_does_what_it_says_and_nothing_else(accounts: Accounts) -> None:
    signed_in(accounts)
    settled(accounts, AccountChange(operator_id=ADMIN.id, password_hash="hash"))
    assert alive(accounts) == ["kept", "ended", "other"]
    settled(accounts, AccountChange(operator_id=ADMIN.id, ends_sessions=True, kept_session=BROWSER.hex()))
    assert alive(accounts) == ["kept", "other"]
    settled(accounts, AccountChange(operator_id=ADMIN.id, ended_session=BROWSER.hex()))
    assert alive(accounts) == ["other"]
    with accounts.read() as db:
        assert sessions.is_registered_browser(db, "browser", ADMIN.id)
        assert failures.account_failures(db, ACCOUNT)[0] == failures.browser_failures(db, BROWSER)[0] == 1
    settled(accounts, AccountChange(operator_id=ADMIN.id, forgiven_browser=BROWSER.hex()))
    with accounts.read() as db:
        assert failures.account_failures(db, ACCOUNT)[0] == 1
        assert failures.browser_failures(db, BROWSER)[0] == 0
        assert db.execute("SELECT count(*) FROM set_up_code").fetchone() == (1,)
    settled(
        accounts,
        AccountChange(
            operator_id=ADMIN.id,
            forgets_browsers=True,
            forgiven_account=ACCOUNT.hex(),
            uses_set_up_code=True,
        ),
    )
    with accounts.read() as db:
        assert not sessions.is_registered_browser(db, "browser", ADMIN.id)
        assert failures.account_failures(db, ACCOUNT)[0] == 0
        assert db.execute("SELECT count(*) FROM set_up_code").fetchone() == (0,)


def test_hash_is_in_no_printed_change() -> None:
    assert "secret" not in repr(AccountChange(operator_id="a", password_hash="secret"))
