"""What operators did, from the registry into the journal."""

from controller.model.operators import MACHINE
from controller.services import people
from controller.services.house import House
from tests.controller.house import admit, running_door


def test_operators_actions_reach_the_journal_once_also_those_done_while_the_door_was_down(house: House):
    admit(house)
    with running_door(house) as door:
        door.wait_for("operator_action", count=3)
    people.add(house, MACHINE, house.now(), "後から 来た")
    with running_door(house) as door:
        copied = door.wait_for("operator_action", count=4)
        badges_before = [line["action_id"] for line in copied]
        people.add(house, MACHINE, house.now(), "もう 一人")
        copied = door.wait_for("operator_action", count=5)
    assert [line["action_id"] for line in copied][:4] == badges_before
    assert len({line["action_id"] for line in copied}) == 5
