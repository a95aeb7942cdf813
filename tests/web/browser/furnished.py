"""A site after a day's work."""

from dataclasses import replace
from datetime import date

from controller.model.events import EventType
from controller.model.moment import ClockState
from controller.model.operators import MACHINE
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, DoorRules, ScheduledMode
from controller.model.rules.order import RuleName
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.people.standing import Standing
from controller.services.rules import books as rule_books
from controller.services.rules import draft as rule_draft
from tests.controller.erasure import erase, request_erasure
from tests.controller.model.rule_books import FULL
from tests.sample_site import idm, later
from tests.web.site import ServedSite


def furnish(served: ServedSite) -> None:
    site, now = served.site, served.moment
    always = schedules.all_schedules(Acting(site, MACHINE, now))[0]
    night = schedules.add(Acting(site, MACHINE, now), "夜勤 Night", [schedules.window(4, "22:00", "06:00")])
    both = [(point, schedule.id) for point in site.config.access_points for schedule in (always, night)]
    level = levels.add(Acting(site, MACHINE, now), "一般社員 Staff", both)
    taro = people.add(Acting(site, MACHINE, now), "佐藤 太郎", "サトウ タロウ", [level.id])
    lost = badges.add(Acting(site, MACHINE, now), taro.id, idm(0xA001))
    badges.report_lost(Acting(site, MACHINE, now), lost.id, "left on the train")
    badges.add(Acting(site, MACHINE, now), taro.id, idm(0xA002), date(2026, 12, 1), date(2027, 3, 31))
    maria = people.add(Acting(site, MACHINE, now), "Maria Rossi")
    people.suspend(Acting(site, MACHINE, now), maria.id, "leave of absence")
    people.edit(Acting(site, MACHINE, now), taro.id, "佐藤 太郎", "サトウ タロウ", [])
    _ruled(served, taro.id)
    _log(served, taro.id)
    _troubled(served)


def _ruled(served: ServedSite, person: str) -> None:
    """Rules in force with every kind of sentence, and a draft with a problem and a warning."""
    site, now = served.site, served.moment
    rules = {**FULL.areas["floor"].rules}
    for name in (RuleName.PREREQUISITE, RuleName.INTERLOCK):
        rules.pop(name)
    night = ScheduledMode("夜勤 Night", DoorMode.UNLOCKED, ("sv",))
    book = replace(
        FULL,
        areas={"floor": replace(FULL.areas["floor"], rules=rules)},
        doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN, (night,))},
    )
    rule_books.publish(Acting(site, MACHINE, now), book, "the first")
    held = (("nda", date(2027, 3, 31)),)
    people.set_standing(Acting(site, MACHINE, now), person, Standing("agency", held, True, True))
    rule_draft.edit(Acting(site, MACHINE, now), lambda book: replace(book, areas=FULL.areas))
    rule_books.publish(Acting(site, MACHINE, now), replace(book, doors={}), "meanwhile")


def _log(served: ServedSite, person: str) -> None:
    door = served.open_door_side()
    entrance = {"door": "entrance", "access_point": "entrance-in", "direction": "in"}
    door.record(EventType.SERVICE_STARTED)
    door.record(EventType.READER_ONLINE, reader="entrance-in")
    door.record(EventType.READER_OFFLINE, reader="entrance-out", details={"problem": "unplugged"})
    for minute in range(30):
        details = {"name": "佐藤 太郎", "last_four": "A002"}
        at = later(minutes=minute)
        door.record(
            EventType.ACCESS_GRANTED, at, result="granted", person=person, details=details, **entrance
        )
    for reason in DenyReason:
        denied = {"result": "denied", "reason": reason.value, "details": {"last_four": "DEAD"}}
        door.record(EventType.ACCESS_DENIED, later(hours=1), codes={"count": 3}, **denied, **entrance)
    door.record(EventType.LOCK_SECURED, door="entrance")
    door.record(EventType.DOOR_OPENED, door="entrance")
    door.record(EventType.DOOR_FORCED_OPEN, door="entrance")


def _troubled(served: ServedSite) -> None:
    """Somebody erased and somebody to be, a silence, and a start without a clock that is known only later."""
    assert served.door is not None
    site, now, record = served.site, served.moment, served.door.record
    gone = people.add(Acting(site, MACHINE, now), "Gone Person").id
    erase(site, gone, now, "asked for it")
    request_erasure(site, people.add(Acting(site, MACHINE, now), "退職 花子").id, now, "left the company")
    record(EventType.PERSON_ERASED, person=gone, codes={"erasure": 1, "records": 12})
    record(EventType.SERVICE_STOPPED, later(hours=2))
    wrong = replace(later(hours=5), clock=ClockState.UNTRUSTED, utc=later(days=-900).utc)
    record(EventType.SERVICE_STARTED, wrong)
    record(EventType.CLOCK_CORRECTED, later(hours=5, minutes=1), codes={"moved_ms": 77_760_000_000})
