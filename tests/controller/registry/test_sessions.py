from datetime import timedelta

import pytest

from controller.registry import operators, sessions
from controller.registry.database import Registry
from tests.controller.registry.samples import UTC_NOW
from tests.sample_site import ADMIN, VIEWER


@pytest.fixture
def registry(registry: Registry) -> Registry:
    with registry.write() as db:
        operators.add_operator(db, ADMIN, "hash")
        operators.add_operator(db, VIEWER, "hash")
    return registry


def test_only_hashes_are_stored(registry: Registry):
    with registry.write() as db:
        sessions.add_session(db, "the token", ADMIN.id, UTC_NOW)
        sessions.remember_browser(db, "the browser", ADMIN.id, UTC_NOW)
        sessions.save_set_up_code(db, "the code", UTC_NOW)
    registry.close()
    stored = b"".join(file.read_bytes() for file in registry.file.parent.glob("registry.db*"))
    assert not [secret for secret in (b"the token", b"the browser", b"the code") if secret in stored]


def test_ending_sessions_spares_the_one_kept_and_other_people(registry: Registry):
    with registry.write() as db:
        for token in ("kept", "ended"):
            sessions.add_session(db, token, ADMIN.id, UTC_NOW)
        sessions.add_session(db, "other", VIEWER.id, UTC_NOW)
        sessions.end_sessions_of(db, ADMIN.id, but="kept")
        assert [bool(sessions.session(db, token)) for token in ("kept", "ended", "other")] == [
            True,
            False,
            True,
        ]
        sessions.end_sessions_of(db, ADMIN.id)
        assert sessions.session(db, "kept") is None
        sessions.end_session(db, "other")
        assert sessions.session(db, "other") is None


def test_touched_session_outlives_the_sweep(registry: Registry):
    with registry.write() as db:
        for token in ("touched", "left"):
            sessions.add_session(db, token, ADMIN.id, UTC_NOW)
        sessions.touch_session(db, "touched", UTC_NOW + timedelta(hours=1))
        sessions.end_sessions_before(db, UTC_NOW - timedelta(days=1), UTC_NOW + timedelta(minutes=1))
        touched = sessions.session(db, "touched")
        assert touched is not None and touched.last_seen == UTC_NOW + timedelta(hours=1)
        assert sessions.session(db, "left") is None


def test_browser_is_known_for_its_operator_and_the_oldest_go(registry: Registry):
    with registry.write() as db:
        for i in range(sessions.MAX_BROWSERS + 2):
            sessions.remember_browser(db, f"browser {i}", ADMIN.id, UTC_NOW + timedelta(seconds=i))
        assert not sessions.is_registered_browser(db, "browser 1", ADMIN.id)
        assert sessions.is_registered_browser(db, "browser 2", ADMIN.id)
        assert not sessions.is_registered_browser(db, "browser 2", VIEWER.id)
        sessions.forget_browsers_of(db, ADMIN.id)
        assert not sessions.is_registered_browser(db, "browser 2", ADMIN.id)


def test_set_up_code_is_used_once_and_in_time(registry: Registry):
    with registry.write() as db:
        sessions.save_set_up_code(db, "first", UTC_NOW + timedelta(hours=1))
        sessions.save_set_up_code(db, "second", UTC_NOW + timedelta(hours=1))
        assert not sessions.use_set_up_code(db, "first", UTC_NOW)
        assert not sessions.use_set_up_code(db, "second", UTC_NOW + timedelta(hours=1))
        assert sessions.is_set_up_code(db, "second", UTC_NOW)
        assert [sessions.use_set_up_code(db, "second", UTC_NOW) for _ in range(2)] == [True, False]
        assert not sessions.is_set_up_code(db, "second", UTC_NOW)
