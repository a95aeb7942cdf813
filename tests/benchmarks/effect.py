"""How soon what an operator does counts at a running door: publish, lost badge, unlocked mode, duress.

From the call of the service to what the door does, in one process with the real threads and databases; the
page's own time comes on top. The limit for publishing is one second.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from controller.model.operators import MACHINE
from controller.model.rule_book import Area, DoorMode, DoorRules, Qualification, RuleBook
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode
from controller.model.signals import DoorClosed, DoorOpened, PinEntered
from controller.services.people import badges, people, pins
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.benchmarks.measure import median, print_ratio
from tests.controller.rights import record_rights, wait_until_on_record
from tests.controller.site import BADGE, Door, admit, make_site, running_door
from tests.waiting import until

PUBLISH_MS, DURESS_MS, LOST_MS = 1000, 2000, 5000
PIN, DURESS = "204867", "739155"
_NDA = {"nda": Qualification("nda", "Confidentiality agreement", "秘密保持誓約", 14)}


def run(folder: Path, rounds: int) -> None:
    with make_site(folder / "effect") as site:
        badge = admit(site)
        (person,) = people.named(site.acting(MACHINE), "山田 花子")
        pins.set_pin(site.acting(MACHINE), person.id, PIN, PIN)
        pins.set_duress(site.acting(MACHINE), person.id, DURESS, DURESS)
        record_rights(site)
        with running_door(site) as door:
            wait_until_on_record(door)
            _print_result(
                "publish → the next tap by the new rules", PUBLISH_MS, _published(site, door, rounds)
            )
            _print_result("publish → an unlocked door is released", PUBLISH_MS, _unlocked(site, door, rounds))
            _print_result("badge reported lost → refused", LOST_MS, _lost(site, door, badge, rounds))
            _print_result("duress PIN → its alarm in the log", DURESS_MS, _duress(site, door, rounds))


def _print_result(what: str, goal_ms: int, took: Sequence[float]) -> None:
    note = f"median {median(took):6.1f} ms   worst {max(took):6.1f} ms   goal {goal_ms} ms"
    print_ratio(what, max(took) / goal_ms, 1.0, note)


def _took(act: Callable[[], object], seen: Callable[[], bool]) -> float:
    began = time.perf_counter()
    act()
    while not seen():
        time.sleep(0.0002)
        if time.perf_counter() - began > 30:
            raise SystemExit("nothing came of it")
    return (time.perf_counter() - began) * 1000


def _publish(site: Site, *, strict: bool = False, mode: DoorMode = DoorMode.CARD) -> None:
    rules = {RuleName.QUALIFICATIONS: QualificationsSetting(RuleMode.ENFORCE, ("nda",))} if strict else {}
    floor = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",), rules)
    book = RuleBook(
        areas={"floor": floor},
        doors={"entrance": DoorRules("entrance", mode)},
        qualifications=_NDA if strict else {},
    )
    rule_books.publish(site.acting(MACHINE), book, "benchmark", heed_warnings=False)


def _published(site: Site, door: Door, rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        _publish(site)
        _at_rest(door)
        took.append(
            _took(
                lambda: (_publish(site, strict=True), door.present("entrance-in")),
                lambda: _reader_lines(door) == ["refused"],
            )
        )
    _publish(site)
    return took


def _unlocked(site: Site, door: Door, rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        _at_rest(door)
        took.append(_took(lambda: _publish(site, mode=DoorMode.UNLOCKED), lambda: door.level == 1))
        _publish(site)
        until(lambda: door.level == 0)
    return took


def _lost(site: Site, door: Door, badge: str, rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        _at_rest(door)
        took.append(
            _took(
                lambda: (badges.report_lost(site.acting(MACHINE), badge), door.present("entrance-in")),
                lambda: _reader_lines(door) == ["refused"],
            )
        )
        badges.resume(site.acting(MACHINE), badge)
    return took


def _duress(site: Site, door: Door, rounds: int) -> list[float]:
    _publish(site, mode=DoorMode.CARD_PIN)
    until(lambda: door.service.modes.doors()["entrance"].mode is DoorMode.CARD_PIN)
    took = []
    for _ in range(rounds):
        _at_rest(door)
        door.present("entrance-in", BADGE)
        until(lambda: _reader_lines(door) == ["enter_pin"])
        took.append(_called_for_help(door, len(door.log("duress"))))
        until(lambda: door.level == 1)
        door.service.drive.post(DoorOpened("entrance"))
        door.service.drive.post(DoorClosed("entrance"))
    return took


def _called_for_help(door: Door, before: int) -> float:
    key = PinEntered("entrance-in", DURESS)
    return _took(lambda: door.service.on_reader_signal(key), lambda: len(door.log("duress")) > before)


def _at_rest(door: Door) -> None:
    until(lambda: door.level == 0)
    _reader_lines(door).clear()


def _reader_lines(door: Door) -> list[str]:
    lines: list[str] = door.service.readers["entrance-in"].indications  # type: ignore[attr-defined]
    return lines
