"""What operators did, from the registry into the journal."""

from datetime import UTC, datetime

from controller.model.events import Json
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE
from controller.model.orders import OperatorAction
from controller.runtime.copy_actions import action_event
from controller.services.people import people
from controller.services.site import Site
from tests.controller.site import admit, running_door

AT = Moment(datetime(2027, 3, 1, 9, tzinfo=UTC), 10_000, "b" * 32, ClockState.TRUSTED)


def test_operators_actions_reach_the_journal_once_also_those_done_while_the_door_was_down(site: Site):
    admit(site)
    with running_door(site) as door:
        door.wait_for("operator_action", count=3)
    people.add(site.acting(MACHINE), "後から 来た")
    with running_door(site) as door:
        copied = door.wait_for("operator_action", count=4)
        badges_before = [line["action_id"] for line in copied]
        people.add(site.acting(MACHINE), "もう 一人")
        copied = door.wait_for("operator_action", count=5)
    assert [line["action_id"] for line in copied][:4] == badges_before
    assert len({line["action_id"] for line in copied}) == 5


def test_correction_of_presence_says_in_codes_what_presence_is_distinguished_from() -> None:
    after: dict[str, Json] = {"area": "floor", "category": "sv", "resolves": 7, "name": "山田 花子"}
    row = OperatorAction(
        1, AT.utc, None, "佐藤", "sv", "presence_corrected", "person", "p1", None, after, "forgot to tap"
    )
    codes = action_event(row, AT).codes
    assert codes["object_id"] == "p1" and "name" not in codes
    assert (codes["area"], codes["category"], codes["resolves"]) == ("floor", "sv", 7)
