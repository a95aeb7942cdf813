"""A badge that comes back before the reader has missed it still waits for a second person."""

import pytest

from controller.commands import tap
from controller.commands.waiting_record import waiting_record
from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorRules
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.registry import rule_books as rows
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.services.floor_side import BOOK
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, NOW, moved

PAIR = DualAccessSetting(RuleMode.ENFORCE, seconds=15)


def waits(door: DoorSide, at: Moment, last_four: str = "FFEE", result: str = "waiting") -> int:
    waiting = result == "waiting"
    return door.record(
        EventType.ACCESS_WAITING if waiting else EventType.ACCESS_GRANTED,
        at,
        door="entrance",
        access_point="entrance-in",
        direction="in",
        result=result,
        reason=DenyReason.SECOND_PERSON_NEEDED.value if waiting else None,
        details={"last_four": last_four},
    )


def publish(site: Site, setting: DualAccessSetting) -> None:
    rules = DoorRules("entrance", rules={RuleName.DUAL_ACCESS: setting})
    with unrecorded(site.registry) as db:
        book = type(BOOK)(BOOK.version, BOOK.areas, {"entrance": rules}, BOOK.categories)
        rows.publish(db, book, ADMIN, NOW.utc, "two together")


def found(site: Site, last_four: str = "FFEE", ago: float = 6) -> int | None:
    return waiting_record(site, site.config.readers["entrance-in"], last_four, moved(NOW, seconds=-ago).utc)


def test_badge_that_waited_at_the_tap_still_waits(site: Site) -> None:
    publish(site, PAIR)
    with DoorSide(site) as door:
        assert found(site) is None
        seq = waits(door, moved(NOW, seconds=-7))
        assert found(site) == seq
        assert found(site, last_four="0001") is None, "another badge"
        assert found(site, ago=8) is None, "the record is younger than the tap"
        publish(site, DualAccessSetting(RuleMode.ENFORCE, seconds=5))
        waits(door, moved(NOW, seconds=-12))
        assert found(site) is None, "the time for the second person was over"


def test_badge_that_was_admitted_or_meets_no_such_rule_does_not_wait(site: Site) -> None:
    publish(site, PAIR)
    with DoorSide(site) as door:
        waits(door, moved(NOW, seconds=-8))
        publish(site, DualAccessSetting(RuleMode.OBSERVE))
        assert found(site) is None
        publish(site, PAIR)
        assert found(site) is not None
        waits(door, moved(NOW, seconds=-7), result="granted")
        assert found(site) is None


def test_tap_without_a_record_of_its_own_answers_that_the_badge_waits(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    from controller.runtime.clock import Clock

    publish(site, DualAccessSetting(RuleMode.ENFORCE, seconds=60))
    with DoorSide(site) as door:
        seq = waits(door, Clock().now())
        answer = tap._Answer(site.config, site.config.readers["entrance-in"], "0101031284C0FFEE", 0.0)
        assert answer.wait() == "waiting: second_person_needed"
        assert capsys.readouterr().err == f"This badge still waits for a second person, by record {seq}.\n"
