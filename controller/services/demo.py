"""Sample people and a first rule book for `genkan run --demo`."""

import itertools
from collections.abc import Mapping
from datetime import timedelta

from controller.model.access import TimeWindow
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.model.rule_book import Area, Category, Qualification, RuleBook
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.people.standing import Standing
from controller.services.rules import books as rule_books
from controller.services.site import Site

SAMPLE_IDM = "0101031284C0FFEE"
LANGUAGES = ("ja", "en")
# Name, reading and category. Names in Latin letters need no reading.
_PEOPLE = {
    "ja": (
        ("佐藤 花子", "サトウ ハナコ", "sv"),
        ("佐藤 太郎", "サトウ タロウ", "regular"),
        ("鈴木 愛", "スズキ アイ", "agency"),
        ("高橋 健", "タカハシ ケン", "temporary"),
    ),
    "en": (
        ("Hanako Sato", "", "sv"),
        ("Taro Sato", "", "regular"),
        ("Ai Suzuki", "", "agency"),
        ("Ken Takahashi", "", "temporary"),
    ),
}
_OFFICE_HOURS = {"ja": "営業時間", "en": "Office hours"}
_EVERYWHERE = {"ja": "全ドア", "en": "Everywhere"}
_DAYTIME = {"ja": "日中", "en": "Daytime"}
# No rule refuses anybody: observing rules only record what they would refuse.
_BOOK = RuleBook(
    categories={
        one.name: one
        for one in (
            Category("sv", "Supervisor", "SV", supervisor=True, regular=True),
            Category("regular", "Regular staff", "社員", regular=True),
            Category("temporary", "Temporary staff", "契約社員"),
            Category("agency", "Agency staff", "派遣社員"),
            Category("visitor", "Visitor", "来客"),
        )
    },
    qualifications={
        one.name: one
        for one in (
            Qualification("nda", "Confidentiality agreement", "秘密保持誓約", 30),
            Qualification("training", "Security training", "セキュリティ研修", 30),
        )
    },
    areas={
        "floor": Area(
            name="floor",
            label_en="Call floor",
            label_ja="フロア",
            entries=("entrance-in",),
            exits=("entrance-out",),
            rules={
                RuleName.QUALIFICATIONS: QualificationsSetting(RuleMode.OFF, ("nda",)),
                RuleName.ANTI_PASSBACK: AntiPassbackSetting(RuleMode.OBSERVE),
                RuleName.SUPERVISOR_PRESENT: SupervisorPresentSetting(
                    RuleMode.OBSERVE, ("agency", "temporary")
                ),
                RuleName.STAFF_MIX: StaffMixSetting(RuleMode.OFF, people_per_supervisor=10),
                RuleName.OCCUPANCY: OccupancySetting(RuleMode.OFF, most=40),
            },
        )
    },
)


def language_of(environment: Mapping[str, str]) -> str:
    """The language of the sample data without an option: Japanese in a Japanese locale, else English."""
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return "ja" if locale.lower().startswith("ja") else "en"


def fill(site: Site, now: Moment, language: str = "en") -> None:
    """Add sample people, levels and schedules, once; the badge SAMPLE_IDM may enter everywhere, always."""
    acting = Acting(site, MACHINE, now)
    if people.search(acting, limit=1).people:
        return
    always = schedules.all_schedules(acting)[0]
    office = schedules.add(
        acting,
        _OFFICE_HOURS[language],
        [TimeWindow(day, 8 * 60, 19 * 60) for day in range(5)],
    )
    points = list(site.config.access_points)
    everywhere = levels.add(acting, _EVERYWHERE[language], [(point, always.id) for point in points])
    daytime = levels.add(acting, _DAYTIME[language], [(point, office.id) for point in points])
    for index, (name, kana, _) in enumerate(_PEOPLE[language]):
        person = people.add(acting, name, kana, [everywhere.id if index == 0 else daytime.id])
        number = SAMPLE_IDM if index == 0 else f"01010312{0x84C0FF00 + index:08X}"
        badges.add(acting, person.id, number)


def publish_rules(site: Site, now: Moment) -> None:
    """Publish the first rules, once, and set the categories of the sample people."""
    acting = Acting(site, MACHINE, now)
    if rule_books.versions(acting):
        return
    rule_books.publish(acting, _BOOK, "sample rules")
    local = now.utc.astimezone(site.config.site.time_zone).date()
    for name, _, category in itertools.chain(*_PEOPLE.values()):
        for person in people.named(acting, name):
            held = (("nda", local + timedelta(days=365)),)
            people.set_standing(acting, person.id, Standing(category, held))
