"""The import of a file of rules, with its schedules and access levels, is all or nothing."""

import pytest

from controller.errors import NotPermitted
from controller.model.operators import MACHINE
from controller.services.access import levels, schedules
from controller.services.log import changes
from controller.services.rules import books as rule_books
from controller.services.rules import import_file as rules_import
from controller.services.rules.findings import RulesRefused
from controller.services.site import Site
from tests.sample_site import ADMIN, SUPERVISOR

FILE = """
[schedules.night]
fri = ["22:00-06:00"]
[levels.Guards]
entrance-in = ["night", "always"]
[areas.floor]
label_en = "Floor"
label_ja = "フロア"
entries = ["entrance-in"]
exits = ["entrance-out"]
[doors.entrance]
[[doors.entrance.scheduled]]
schedule = "night"
mode = "locked"
"""


def import_text(site: Site, text: str = FILE, heed: bool = True) -> rules_import.Imported:
    return rules_import.import_rules(site.acting(ADMIN), text.encode(), "because", heed)


def test_file_sets_up_schedules_levels_and_rules_immediately(site: Site) -> None:
    done = import_text(site)
    assert (done.version, done.is_new, done.schedules, done.levels) == (1, True, ("night",), ("Guards",))
    assert [one.name for one in schedules.all_schedules(site.acting(ADMIN))] == ["always", "night"]
    (level,) = levels.all_levels(site.acting(ADMIN))
    assert [(rule.access_point, rule.schedule_name) for rule in level.rules] == [
        ("entrance-in", "always"),
        ("entrance-in", "night"),
    ]
    assert rule_books.newest(site.acting(ADMIN)).area_entered("entrance-in") is not None
    recorded = [action.action for action in changes.page(site.acting(MACHINE))]
    assert recorded[:3] == ["rules_published", "level_added", "schedule_added"]


def test_what_was_exported_changes_nothing_when_it_is_imported(site: Site) -> None:
    import_text(site)
    text = rules_import.export_rules(site.acting(ADMIN))
    before = changes.page(site.acting(MACHINE))
    again = import_text(site, text)
    assert (again.version, again.is_new, again.schedules, again.levels) == (1, False, (), ())
    assert rules_import.export_rules(site.acting(ADMIN)) == text
    assert changes.page(site.acting(MACHINE)) == before


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (FILE + "[doors.back]\n", "doors.back"),
        (FILE.replace('schedule = "night"', 'schedule = "noon"'), "doors.entrance.scheduled.1.schedule"),
        (FILE.replace('["night", "always"]', '"noon"'), "levels.Guards.entrance-in"),
        (FILE.replace("entrance-in = [", "back-in = ["), "levels.Guards.back-in"),
        (FILE.replace("schedules.night", "schedules.always"), "schedules.always"),
    ],
)
def test_file_with_a_problem_changes_nothing(text: str, where: str, site: Site) -> None:
    before = rules_import.export_rules(site.acting(ADMIN))
    with pytest.raises(RulesRefused) as refused:
        import_text(site, text)
    assert refused.value.findings[0].where == where
    assert rules_import.export_rules(site.acting(ADMIN)) == before
    assert not [a for a in changes.page(site.acting(MACHINE)) if a.action != "first_administrator_added"]


def test_file_with_a_doubt_is_published(site: Site) -> None:
    assert import_text(site, FILE.replace('exits = ["entrance-out"]', "exits = []")).version == 1


def test_file_with_what_nobody_could_ever_meet_waits_for_another_word(site: Site) -> None:
    rules = '[doors.entrance.rules.dual_access]\nmode = "enforce"\n'
    clashing = FILE + rules + '[areas.floor.rules.occupancy]\nmode = "enforce"\nmost = 1\n'
    with pytest.raises(RulesRefused, match="nobody can enter"):
        import_text(site, clashing)
    assert rule_books.newest(site.acting(ADMIN)).version == 0
    assert import_text(site, clashing, heed=False).version == 1


def test_schedules_and_levels_not_in_the_file_stay(site: Site) -> None:
    import_text(site)
    done = import_text(site, '[schedules.day]\nmon = ["09:00-18:00"]\n')
    assert (done.version, done.is_new, done.schedules) == (1, False, ("day",))
    names = [one.name for one in schedules.all_schedules(site.acting(ADMIN))]
    assert names == ["always", "day", "night"]


def test_supervisor_may_view_and_not_import(site: Site) -> None:
    with pytest.raises(NotPermitted):
        rules_import.import_rules(site.acting(SUPERVISOR), FILE.encode(), "", True)
    assert "[holidays]" in rules_import.export_rules(site.acting(SUPERVISOR))
