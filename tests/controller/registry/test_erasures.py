import sqlite3

import pytest

from controller.model.orders import ActionType
from controller.registry import actions, erasures
from controller.registry.database import Registry
from controller.registry.erasures import ErasureRequest
from tests.sample_site import ADMIN, NOW, later


def enrolled(db: sqlite3.Connection, person: str, badges: dict[str, bytes]) -> None:
    db.execute(
        "INSERT INTO cardholders (id, name, kana, sort_key, search_text, status)"
        " VALUES (?, ?, '', ?, ?, 'active')",
        (person, f"name of {person}", person, person),
    )
    for badge, card in badges.items():
        db.execute(
            "INSERT INTO credentials (card_hash, id, cardholder_id, last_four, kind, status)"
            " VALUES (?, ?, ?, '0001', 'felica', 'active')",
            (card, badge, person),
        )


def erased(db: sqlite3.Connection, person: str) -> None:
    found = erasures.references_of(db, person)
    after = {"references": found.digest}
    action = actions.record(db, ADMIN, NOW.utc, ActionType.ERASURE_CARRIED_OUT, "person", person, after=after)
    request = ErasureRequest(person, NOW.utc, NOW.utc, ADMIN.id, ADMIN.display_name, "left")
    erasures.erase_person(db, request, found, action, NOW.utc)


def test_pending_erasure_is_of_one_person_and_goes_with_the_person_or_its_cancellation(registry: Registry):
    requests = [
        ErasureRequest(person, NOW.utc, later(days=days).utc, ADMIN.id, "Admin", "left")
        for person, days in (("p1", 9), ("p2", 7))
    ]
    with registry.write() as db:
        for one in requests:
            enrolled(db, one.person, {})
            erasures.add_pending(db, one)
    with pytest.raises(sqlite3.IntegrityError), registry.write() as db:
        erasures.add_pending(db, requests[0])
    with registry.write() as db:
        assert erasures.all_pending(db) == requests[::-1]
        assert erasures.pending_of(db, "p1") == requests[0]
        assert erasures.remove_pending(db, "p2") and not erasures.remove_pending(db, "p2")
        erased(db, "p1")
        assert erasures.all_pending(db) == [] and erasures.pending_of(db, "p1") is None


def test_request_holds_what_the_door_needs_until_it_is_done_and_the_reference_stays(registry: Registry):
    card = b"\x07" * 32
    with registry.write() as db:
        enrolled(db, "p1", {"b1": card, "b2": b"\x08" * 32})
        enrolled(db, "p2", {"b3": b"\x09" * 32})
        erased(db, "p1")
    with registry.read() as db:
        (one,) = erasures.unfinished(db, 10)
        assert one.texts == ("p1", "b1", "b2", card.hex(), (b"\x08" * 32).hex())
        assert (one.actions_before, one.reason, one.operator_name) == (1, "left", "Admin")
        assert db.execute("SELECT id FROM cardholders").fetchall() == [("p2",)]
        assert db.execute("SELECT id FROM credentials").fetchall() == [("b3",)]
    with registry.housekeeping() as db:
        erasures.forget_cards(db, [one.id])
        assert [left.card_hashes for left in erasures.unfinished(db, 10)] == [()]
        erasures.settle(db, [one.id])
        assert not erasures.unfinished(db, 10)
        found = erasures.erasure_of(db, "p1")
        assert found is not None and found.texts == ("p1", "b1", "b2")
        assert erasures.erasure_of(db, "p2") is None


def test_what_operators_did_to_the_person_and_the_badges_is_blanked_and_nothing_else(registry: Registry):
    with registry.write() as db:
        enrolled(db, "p1", {"b1": b"\x07" * 32})
        for kind, about in (("person", "p1"), ("badge", "b1"), ("person", "p2"), ("badge", "b11")):
            actions.record(
                db, ADMIN, NOW.utc, ActionType.PERSON_CHANGED, kind, about, after={"name": "n"}, reason="r"
            )
        actions.record(db, ADMIN, NOW.utc, ActionType.LOG_VIEWED, "log", after={"person": "p1"})
        actions.record(db, ADMIN, NOW.utc, ActionType.ERASURE_ASKED, "person", "p1", reason="left")
        erased(db, "p1")
    with registry.read() as db:
        left = [(a.object_id, a.after, a.reason) for a in actions.actions_after(db, 0, 100)]
    assert left == [
        ("p1", None, None),
        ("b1", None, None),
        ("p2", {"name": "n"}, "r"),
        ("b11", {"name": "n"}, "r"),
        (None, None, None),
        ("p1", None, "left"),
        ("p1", {"references": erasures.References("p1", ("b1",), ((b"\x07" * 32).hex(),)).digest}, None),
    ]


def test_file_written_again_holds_nothing_of_what_was_deleted(registry: Registry):
    with registry.write() as db:
        for number in range(500):
            enrolled(db, f"{number * 7919 % 500:04}", {})
    with registry.write() as db:
        db.execute("DELETE FROM cardholders WHERE id < '0400'")
    assert registry.scrub()
    left = registry.file.read_bytes() + registry.file.with_name(registry.file.name + "-wal").read_bytes()
    assert b"name of 0399" not in left and b"name of 0400" in left


def test_reader_that_stays_is_reported_and_nothing_is_lost(registry: Registry):
    other = sqlite3.connect(registry.file, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM meta").fetchone()
    with registry.write() as db:
        enrolled(db, "p1", {})
    assert not registry.scrub()
    other.execute("COMMIT")
    other.close()
    assert registry.scrub()
