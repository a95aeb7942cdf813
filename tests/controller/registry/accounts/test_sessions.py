from datetime import timedelta

from controller.registry.accounts import sessions
from controller.registry.accounts.database import Accounts
from tests.controller.registry.samples import UTC_NOW
from tests.sample_site import ADMIN, VIEWER


def test_only_hashes_are_stored(accounts: Accounts):
    with accounts.write() as db:
        sessions.add_session(db, "the token", ADMIN.id, UTC_NOW)
        sessions.remember_browser(db, "the browser", ADMIN.id, UTC_NOW)
        sessions.save_set_up_code(db, "the code", UTC_NOW)
    accounts.close()
    stored = b"".join(file.read_bytes() for file in accounts.file.parent.glob("accounts.db*"))
    assert not [secret for secret in (b"the token", b"the browser", b"the code") if secret in stored]


def test_ending_sessions_spares_the_one_kept_and_other_people(accounts: Accounts):
    with accounts.write() as db:
        for token in ("kept", "ended"):
            sessions.add_session(db, token, ADMIN.id, UTC_NOW)
        sessions.add_session(db, "other", VIEWER.id, UTC_NOW)
        sessions.end_sessions_of(db, ADMIN.id, but=sessions.token_hash("kept"))
        assert [bool(sessions.session(db, token)) for token in ("kept", "ended", "other")] == [
            True,
            False,
            True,
        ]
        sessions.end_sessions_of(db, ADMIN.id)
        assert sessions.session(db, "kept") is None
        sessions.end_session(db, sessions.token_hash("other"))
        assert sessions.session(db, "other") is None


def test_touched_session_outlives_the_sweep(accounts: Accounts):
    with accounts.write() as db:
        for token in ("touched", "left"):
            sessions.add_session(db, token, ADMIN.id, UTC_NOW)
        sessions.touch_session(db, "touched", UTC_NOW + timedelta(hours=1))
        sessions.end_sessions_before(db, UTC_NOW - timedelta(days=1), UTC_NOW + timedelta(minutes=1))
        touched = sessions.session(db, "touched")
        assert touched is not None and touched.last_seen == UTC_NOW + timedelta(hours=1)
        assert sessions.session(db, "left") is None


def test_browser_is_known_for_its_operator_and_the_oldest_go(accounts: Accounts):
    with accounts.write() as db:
        for i in range(sessions.MAX_BROWSERS + 2):
            sessions.remember_browser(db, f"browser {i}", ADMIN.id, UTC_NOW + timedelta(seconds=i))
        assert not sessions.is_registered_browser(db, "browser 1", ADMIN.id)
        assert sessions.is_registered_browser(db, "browser 2", ADMIN.id)
        assert not sessions.is_registered_browser(db, "browser 2", VIEWER.id)
        sessions.forget_browsers_of(db, ADMIN.id)
        assert not sessions.is_registered_browser(db, "browser 2", ADMIN.id)


def test_newest_set_up_code_is_right_in_its_time_and_until_it_is_used(accounts: Accounts):
    with accounts.write() as db:
        sessions.save_set_up_code(db, "first", UTC_NOW + timedelta(hours=1))
        sessions.save_set_up_code(db, "second", UTC_NOW + timedelta(hours=1))
        assert not sessions.is_set_up_code(db, "first", UTC_NOW)
        assert not sessions.is_set_up_code(db, "second", UTC_NOW + timedelta(hours=1))
        assert sessions.is_set_up_code(db, "second", UTC_NOW)
        sessions.remove_set_up_code(db)
        assert not sessions.is_set_up_code(db, "second", UTC_NOW)
