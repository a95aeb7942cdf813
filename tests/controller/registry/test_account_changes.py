from controller.registry import account_changes
from controller.registry.database import Registry


def test_decision_holds_once_it_is_committed_and_is_forgotten_when_nothing_waits_for_it(
    registry: Registry,
) -> None:
    for id_, waiting in (("a", ["a"]), ("b", ["a", "b"]), ("c", ["b", "c"])):
        with registry.write() as db:
            account_changes.decide(db, id_, waiting)
    with registry.read() as db:
        assert account_changes.decided(db) == {"b", "c"}
