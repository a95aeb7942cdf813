"""What a record is the newest one about."""

import pytest

from controller.journal.latest import subject_of
from controller.model.events import Event, EventType
from tests.sample_site import NOW


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (Event(EventType.READER_ONLINE, NOW, reader="in"), "reader:in"),
        (Event(EventType.DOOR_OPENED, NOW, door="front"), "contact:front"),
        (Event(EventType.FIRE_ENDED, NOW), "fire"),
        (Event(EventType.ACCESS_GRANTED, NOW, door="front"), None),
    ],
)
def test_state_of_a_thing_is_its_newest_record(event: Event, subject: str | None) -> None:
    assert subject_of(event) == subject


@pytest.mark.parametrize(
    ("type_", "action", "subject"),
    [
        (EventType.ERASURE_PENDING, "erasure_asked", "erasure:p1"),
        (EventType.OPERATOR_ACTION, "erasure_cancelled", "erasure:p1"),
        (EventType.OPERATOR_ACTION, "erasure_carried_out", None),
        (EventType.OPERATOR_ACTION, "registry_accepted", "registry_accepted"),
    ],
)
def test_action_that_the_log_has_had_before_changes_no_state(
    type_: EventType, action: str, subject: str | None
) -> None:
    codes: dict[str, str | int] = {"action": action, "object_type": "person", "object_id": "p1"}
    assert subject_of(Event(type_, NOW, codes=codes)) == subject
    assert subject_of(Event(type_, NOW, codes=codes | {"again": 1})) is None
