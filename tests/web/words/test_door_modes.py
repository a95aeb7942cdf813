from datetime import timedelta
from zoneinfo import ZoneInfo

from controller.model.access import TimeWindow
from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.services.access import schedules
from controller.services.acting import Acting
from controller.services.doors.modes import DoorModeNow, HeldBack, NextChange
from controller.services.rules import books as rule_books
from tests.sample_site import NOW
from tests.web.client import Client
from tests.web.site import ServedSite
from web.words.door_modes import mode_remarks, mode_text
from web.words.words import Words

TOKYO = ZoneInfo("Asia/Tokyo")


def text(mode: DoorModeNow, language: str = "en") -> str:
    return mode_text(mode, NOW.utc, Words(language, zone=TOKYO))


def test_beside_the_mode_is_until_when_and_what_comes_then() -> None:
    at_six = NextChange(NOW.utc + timedelta(hours=3), DoorMode.CARD)
    assert text(DoorModeNow(DoorMode.UNLOCKED, None, at_six)) == "until 18:00, then: Badge"
    assert text(DoorModeNow(DoorMode.UNLOCKED, None, at_six), "ja") == "18:00 まで。その後：カード"
    tomorrow = NextChange(NOW.utc + timedelta(hours=18), DoorMode.UNLOCKED)
    assert text(DoorModeNow(DoorMode.CARD, None, tomorrow)) == "until 2026-11-25 09:00, then: Unlocked"
    assert "lockdown" in text(DoorModeNow(DoorMode.CARD, HeldBack.LOCKDOWN, at_six))
    assert text(DoorModeNow(DoorMode.LOCKED)) == ""


def test_record_says_from_what_to_what_and_why() -> None:
    def sentences(**codes: str) -> list[str]:
        return list(mode_remarks(codes, Words("en")))

    assert sentences(before="card", mode="unlocked", cause="schedule") == [
        "Badge → Unlocked",
        "by its schedule",
    ]
    assert sentences(mode="blocked", cause="start") == ["Blocked", "at the start of the door service"]
    assert sentences(before="unlocked", mode="card", cause="lockdown")[1] == "because of the lockdown"
    assert sentences(before="card", mode="unlocked", cause="lockdown")[1] == "because the lockdown has ended"
    assert sentences(mode="revolving", cause="wind") == ["revolving"]


def test_record_of_a_door_that_stays_locked_after_a_restart_says_why() -> None:
    def sentences(**codes: str) -> list[str]:
        return list(mode_remarks(codes, Words("en")))

    start = "at the start of the door service"
    waits = sentences(mode="card", cause="start", held_back="first_person")
    assert waits == ["Badge", start, "unlocks when the first person comes in"]
    assert sentences(mode="card", cause="start", held_back="presence")[1:] == [
        start,
        "not unlocked until the door knows who is inside",
    ]
    assert sentences(before="card", mode="card", cause="log", held_back="log")[1:] == [
        "because the log could not record the unlocking"
    ]
    assert sentences(before="card", mode="unlocked", cause="log")[1:] == [
        "because the log can be written again"
    ]
    assert sentences(before="card", mode="unlocked", cause="presence")[1:] == [
        "because the door knows again who is inside"
    ]


def test_doors_page_and_log_tell_the_mode(served: ServedSite, admin: Client) -> None:
    schedules.add(Acting(served.site, MACHINE, NOW), "Office", [TimeWindow(1, 540, 1080)])
    modes = DoorRules("entrance", DoorMode.CARD, (ScheduledMode("Office", DoorMode.UNLOCKED),))
    rule_books.publish(Acting(served.site, MACHINE, NOW), RuleBook(doors={"entrance": modes}), "modes")
    door = served.open_door_side()
    door.record(EventType.SERVICE_STARTED)
    codes: dict[str, str | int] = {"before": "card", "mode": "unlocked", "cause": "schedule"}
    door.record(EventType.DOOR_MODE_CHANGED, door="entrance", codes=codes)
    assert "Unlocked until 18:00, then: Badge" in admin.get("/doors/now").words
    assert "Badge → Unlocked · by its schedule" in admin.get("/log?result=all").words
    assert admin.get("/api/v1/doors").json()["doors"][0]["mode"] == "unlocked"
