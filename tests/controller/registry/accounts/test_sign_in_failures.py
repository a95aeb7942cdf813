from datetime import datetime, timedelta

from controller.registry.accounts import sign_in_failures as failures
from controller.registry.accounts.database import Accounts
from controller.registry.database import Connection
from tests.controller.registry.samples import UTC_NOW
from tests.sample_site import ADMIN

HERE = "192.0.2.1"
ACCOUNT = failures.account_hash("kanri")
BEFORE = UTC_NOW - timedelta(minutes=15)


def add(db: Connection, utc: datetime, browser: bytes | None = None) -> None:
    failures.count_at_address(db, failures.add_failure(db, ACCOUNT, None, browser=browser, utc=utc), HERE)


def test_counts_by_account_address_and_known_browser(accounts: Accounts):
    with accounts.write() as db:
        for minute in (-20, -10, -5):
            add(db, UTC_NOW + timedelta(minutes=minute))
        add(db, UTC_NOW, b"browser")
        assert failures.account_failures(db, ACCOUNT, BEFORE) == (2, UTC_NOW - timedelta(minutes=10))
        assert failures.account_failures(db, ACCOUNT)[0] == 3
        assert failures.address_failures(db, HERE, BEFORE, UTC_NOW) == (2, UTC_NOW - timedelta(minutes=5))
        assert failures.address_failures(db, HERE, BEFORE, UTC_NOW - timedelta(minutes=7))[0] == 1
        assert failures.browser_failures(db, b"browser", BEFORE) == (1, UTC_NOW)
        assert failures.account_failures(db, failures.account_hash("other"), BEFORE) == (0, None)


def test_try_that_was_right_is_withdrawn(accounts: Accounts):
    with accounts.write() as db:
        kept = failures.add_failure(db, ACCOUNT, None, browser=None, utc=UTC_NOW)
        taken_back = failures.add_failure(db, ACCOUNT, None, browser=None, utc=UTC_NOW)
        assert kept != taken_back
        failures.drop_failure(db, taken_back)
        assert failures.account_failures(db, ACCOUNT)[0] == 1
        failures.forgive(db, ACCOUNT)
        assert failures.account_failures(db, ACCOUNT)[0] == 0


def test_try_under_way_does_not_count_at_its_address(accounts: Accounts):
    with accounts.write() as db:
        failure = failures.add_failure(db, ACCOUNT, None, browser=None, utc=UTC_NOW)
        assert failures.account_failures(db, ACCOUNT, BEFORE)[0] == 1
        assert failures.address_failures(db, HERE, BEFORE, UTC_NOW)[0] == 0
        failures.count_at_address(db, failure, HERE)
        assert failures.address_failures(db, HERE, BEFORE, UTC_NOW)[0] == 1


def test_only_failures_on_names_nobody_has_grow_old(accounts: Accounts):
    with accounts.write() as db:
        failures.add_failure(db, ACCOUNT, ADMIN.id, browser=None, utc=UTC_NOW)
        failures.add_failure(db, failures.account_hash("nobody"), None, browser=None, utc=UTC_NOW)
        failures.drop_old(db, UTC_NOW + timedelta(days=2))
        assert failures.account_failures(db, ACCOUNT)[0] == 1
        assert failures.account_failures(db, failures.account_hash("nobody"))[0] == 0
