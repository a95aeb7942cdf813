from datetime import timedelta

import pytest

from controller.model.orders import ActionType
from controller.registry import actions
from controller.registry.database import Registry
from controller.registry.lookup import Lookup
from tests.controller.registry.samples import UTC_NOW
from tests.sample_site import ADMIN


def test_record_keeps_who_as_they_were_and_only_what_differs(registry: Registry):
    with registry.write() as db:
        actions.record(
            db,
            ADMIN,
            UTC_NOW,
            ActionType.BADGE_LOST,
            "badge",
            "b1",
            before={"status": "active", "last_day": None},
            after={"status": "lost", "last_day": None},
            reason="bag stolen",
            about={"person": "山田"},
        )
    lookup = Lookup(registry.file)
    (action,) = lookup.actions_after(0)
    lookup.close()
    assert (action.id, action.utc, action.action) == (1, UTC_NOW, "badge_lost")
    assert (action.operator_id, action.operator_name, action.role) == (ADMIN.id, "Admin", "admin")
    assert action.before == {"person": "山田", "status": "active"}
    assert action.after == {"person": "山田", "status": "lost"}
    assert action.reason == "bag stolen"


def test_somebody_who_did_not_sign_in_is_nobody(registry: Registry):
    with registry.write() as db:
        actions.record(db, None, UTC_NOW, ActionType.SIGN_IN_FAILED, after={"address": "192.0.2.1"})
        (action,) = actions.actions_after(db, 0, 10)
    assert (action.operator_id, action.operator_name, action.role, action.before) == (None, "", "", None)


def test_actions_come_in_order_and_in_pieces_without_repeats(registry: Registry):
    with registry.write() as db:
        for _ in range(7):
            actions.record(db, ADMIN, UTC_NOW, ActionType.SIGNED_OUT)
    lookup = Lookup(registry.file)
    first = lookup.actions_after(0, 3)
    rest = lookup.actions_after(first[-1].id, 100)
    lookup.close()
    assert [action.id for action in (*first, *rest)] == [1, 2, 3, 4, 5, 6, 7]


def test_action_of_a_change_that_failed_is_not_there(registry: Registry):
    with pytest.raises(ZeroDivisionError), registry.write() as db:
        actions.record(db, ADMIN, UTC_NOW, ActionType.SIGNED_OUT)
        raise ZeroDivisionError
    with registry.read() as db:
        assert actions.actions_after(db, 0, 10) == []


@pytest.mark.parametrize("broken", ["{", "[1]", "NULL", "[" * 100_000, "9" * 10_000])
def test_broken_action_is_returned_with_what_can_be_read(registry: Registry, broken: str):
    with registry.write() as db:
        for _ in range(2):
            actions.record(db, ADMIN, UTC_NOW, ActionType.BADGE_LOST, after={"x": 1}, reason="bag stolen")
        db.execute("UPDATE operator_actions SET before = ?, after = ? WHERE id = 1", (broken, broken))
        first, second = actions.actions_after(db, 0, 10)
        assert [action.id for action in actions.actions_before(db, None, 10)] == [2, 1]
    assert (first.id, first.before, first.after, first.reason) == (1, None, None, "bag stolen")
    assert (first.utc, second.after) == (UTC_NOW, {"x": 1})


def test_action_of_no_readable_moment_is_shown_as_of_1970(registry: Registry):
    with registry.write() as db:
        actions.record(db, ADMIN, UTC_NOW, ActionType.BADGE_LOST, after={"x": 1})
        db.execute("UPDATE operator_actions SET utc = 'yesterday'")
        (action,) = actions.actions_after(db, 0, 10)
    assert (action.utc.year, action.after, action.operator_name) == (1970, {"x": 1}, "Admin")


def test_newest_backup_is_the_one_recorded_last(registry: Registry):
    with registry.write() as db:
        assert actions.newest_backup(db) is None
        for minutes in range(2):
            actions.record(db, ADMIN, UTC_NOW + timedelta(minutes=minutes), ActionType.BACKUP_MADE)
        actions.record(db, ADMIN, UTC_NOW + timedelta(minutes=2), ActionType.LOG_VIEWED)
        assert actions.newest_backup(db) == UTC_NOW + timedelta(minutes=1)


def test_broken_view_is_not_a_view(registry: Registry):
    with registry.write() as db:
        actions.record(db, ADMIN, UTC_NOW, ActionType.LOG_VIEWED, "log", after={})
        db.execute("UPDATE operator_actions SET after = '{'")
        assert actions.views_since(db, ADMIN.id, UTC_NOW) == []
