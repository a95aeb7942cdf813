"""The facts of a decision are those of its moment."""

from controller.decision.decision import NoPin
from controller.model.rule_book import DoorMode
from tests.controller.runtime.decide_thread import DecideThread
from tests.controller.site import BADGE


def test_modes_of_doors_wait_for_the_first_rules(thread: DecideThread) -> None:
    """Without the rules every door would be in the mode of a door without rules, and that recorded."""
    thread.judge.update_modes(thread.now)
    assert thread.judge._modes._facts is None
    thread.wait(50)
    assert thread.judge._modes._facts is thread.judge._live_facts.facts


def test_decision_sees_the_doors_of_this_moment(thread: DecideThread) -> None:
    thread.wait(50)
    assert not thread.judge._decision.facts.doors
    thread.judge.refresh_doors()
    assert thread.judge._decision.facts.doors["entrance"].mode is DoorMode.CARD_PIN


def test_card_that_another_replaced_is_recorded_and_nothing_is_shown(thread: DecideThread) -> None:
    thread.card()
    (waiting,) = thread.pin_entry.overdue()
    assert waiting.last_four == BADGE.last_four
    assert thread.results == ["enter_pin"]
    thread.judge.decide_unseen(NoPin(waiting), thread.now)
    assert thread.results == ["pin_required"]
    thread.judge.decide(NoPin(waiting), thread.now)
    assert thread.results == ["pin_required", "refused"]
