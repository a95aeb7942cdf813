"""People are inside when something happens: the power goes, rules are switched on, there is a fire."""

import json

import pytest

from tests.controller.commands.command import done
from tests.controller.commands.command import genkan as in_this_process
from tests.scenarios.demo import SAMPLE, Demo
from tests.waiting import until

OPERATOR = "01010312000077DD"
LATE = "01010312000077EE"
WHY = ("--reason", "somebody shouted")


@pytest.fixture
def full(demo: Demo) -> Demo:
    """A supervisor and an operator are inside."""
    demo.wait_for("reader_online", count=2)
    for name, idm in (("高橋 一", OPERATOR), ("田中 遅", LATE)):
        demo.command("badge", "add", "--holder", name, "--idm", idm, "--level", "Everywhere")
        demo.command("person", "set", "--holder", name, "--category", "agency")
    for idm in (SAMPLE, OPERATOR):
        assert demo.tap(idm) == "granted"
        demo.walk_through()
    until(lambda: inside(demo) == {"Hanako Sato", "高橋 一"})
    return demo


def inside(demo: Demo) -> set[str]:
    return {json.loads(line)["name"] for line in demo.command("presence", "list", "--json").splitlines()}


def leaves(demo: Demo, idm: str) -> str | None:
    """A person who leaves is counted out; the record has the other facts too."""
    before = demo.newest
    assert demo.tap(idm, "entrance-out") == "granted"
    demo.walk_through()
    warning: str | None = demo.log("access_granted", after=before)[0].get("warning")
    return warning


def publish(demo: Demo, *changes: tuple[str, str]) -> None:
    """The rules that are in force, with these pieces of their text changed."""
    file = demo.data.parent / "rules.toml"
    text = demo.command("rules", "export")
    for was, becomes in changes:
        assert was in text, text
        text = text.replace(was, becomes)
    file.write_text(text, "utf-8")
    answer = in_this_process("rules", "import", file, "--data", demo.data, "--anyway")
    assert answer.status == 0, answer.err


def test_roster_after_a_power_cut_is_that_of_before_and_the_rules_go_by_it(full: Demo) -> None:
    publish(full, ('mode = "observe"', 'mode = "enforce"'))
    last = full.newest
    full.pull_the_plug()
    full.start()
    full.door_answers_again(last)
    assert inside(full) == {"Hanako Sato", "高橋 一"}
    assert full.tap(OPERATOR) == "denied: anti_passback"
    assert full.tap(LATE) == "granted", "a supervisor is inside"
    full.walk_through()
    assert leaves(full, SAMPLE) == "last_supervisor_left"
    assert leaves(full, OPERATOR) is None
    assert full.tap(OPERATOR) == "denied: supervisor_absent"
    assert leaves(full, LATE) is None
    assert inside(full) == set()


def test_blocking_everything_while_people_are_inside_traps_nobody_and_fire_overrides_it(full: Demo) -> None:
    publish(full, ('mode = "observe"', 'mode = "enforce"'))
    done(in_this_process("lockdown", "begin", "--site", *WHY, "--data", full.data))
    assert full.tap(LATE) == "denied: lockdown"
    assert leaves(full, OPERATOR) is None
    before = full.newest
    full.sim("rex")
    full.wait_for("lock_released", after=before)
    full.walk_through()
    full.sim("fire", "on")
    assert full.wait_for("fire_started", after=before)[0]["alarm"] == 1
    assert full.level == 1
    assert full.tap(LATE) == "granted", "the door stands released: who taps walks in, and is counted"
    (walked_in,) = full.wait_for("access_granted", after=before)
    assert "lockdown" in str(walked_in), "what would have refused it stands in the record"
    assert full.level == 1
    assert full.tap(SAMPLE, "entrance-out") == "granted"
    full.sim("fire", "off")
    full.wait_for("fire_ended", after=before)
    until(lambda: full.level == 0)
