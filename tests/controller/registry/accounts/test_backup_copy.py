from contextlib import closing
from pathlib import Path

from controller.registry.accounts import passwords, pending, sessions
from controller.registry.accounts import sign_in_failures as failures
from controller.registry.accounts.backup_copy import begin_restored_accounts, copy_accounts
from controller.registry.accounts.database import Accounts
from controller.registry.accounts.pending import AccountChange
from tests.controller.registry.samples import UTC_NOW

ACCOUNT = failures.account_hash("kanri")


def fill(accounts: Accounts) -> None:
    with accounts.write() as db:
        passwords.save_password_hash(db, "a", "hash")
        sessions.add_session(db, "token", "a", UTC_NOW)
        sessions.remember_browser(db, "browser", "a", UTC_NOW)
        sessions.save_set_up_code(db, "code", UTC_NOW)
        failures.add_failure(db, ACCOUNT, "a", browser=None, utc=UTC_NOW)
        pending.add(db, "1", AccountChange(operator_id="a"))


def what_is_in(file: Path) -> tuple[object, ...]:
    with closing(Accounts(file)) as accounts, accounts.read() as db:
        return (
            passwords.password_hash(db, "a"),
            failures.account_failures(db, ACCOUNT)[0],
            pending.ids(db),
            *(db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("sessions", "known_browsers")),
            db.execute("SELECT count(*) FROM set_up_code").fetchone()[0],
        )


def test_copy_holds_passwords_and_failures_and_nothing_that_lets_a_browser_in(
    accounts: Accounts, tmp_path: Path
) -> None:
    fill(accounts)
    copy_accounts(accounts.file, tmp_path / "copy.db")
    assert what_is_in(tmp_path / "copy.db") == ("hash", 1, ["1"], 0, 0, 0)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    stored = (tmp_path / "copy.db").read_bytes()
    assert sessions.token_hash("token") not in stored and sessions.token_hash("code") not in stored


def test_restored_file_of_an_earlier_version_ends_its_sessions(accounts: Accounts) -> None:
    fill(accounts)
    accounts.close()
    begin_restored_accounts(accounts.file)
    assert what_is_in(accounts.file) == ("hash", 1, ["1"], 0, 0, 0)
