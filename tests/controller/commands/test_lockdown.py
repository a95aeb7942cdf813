import json
from pathlib import Path

from controller.model.operators import MACHINE
from controller.model.rule_book import Area, RuleBook
from controller.services.acting import Acting
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, refused, unchanged


def on(data: Path) -> list[tuple[str, str]]:
    lines = done(genkan("lockdown", "list", "--data", data, "--json")).lines
    return [(line["area"], line["reason"]) for line in map(json.loads, lines)]


def test_lockdown_is_begun_listed_and_ended(site: Site) -> None:
    data, now = site.config.data, site.now()
    floor = Area("floor", "Call floor", "フロア", ("entrance-in",), ("entrance-out",))
    rule_books.publish(Acting(site, MACHINE, now), RuleBook(areas={"floor": floor}), "first")
    area = ("--data", data, "--area", "floor", "--reason")
    assert done(genkan("lockdown", "begin", *area, "a stranger")).text == "Lockdown begun.\n"
    done(genkan("lockdown", "begin", "--data", data, "--site", "--reason", "the police came"))
    assert on(data) == [("floor", "a stranger"), ("*", "the police came")]
    assert "a stranger" in done(genkan("lockdown", "list", "--data", data)).lines[0]
    assert "already" in refused(genkan("lockdown", "begin", *area, "again"))
    assert done(genkan("lockdown", "end", *area, "he left")).text == "Lockdown ended.\n"
    assert "not under lockdown" in refused(genkan("lockdown", "end", *area, "again"))
    assert on(data) == [("*", "the police came")]


def test_wrong_use_is_one_sentence_and_changes_nothing(data: Path) -> None:
    with unchanged(data):
        for words in (
            ("--reason", "x"),
            ("--site", "--area", "floor", "--reason", "x"),
            ("--site",),
        ):
            refused(genkan("lockdown", "begin", "--data", data, *words), 2)
            refused(genkan("lockdown", "end", "--data", data, *words), 2)
        assert "reason" in refused(genkan("lockdown", "begin", "--data", data, "--site", "--reason", " "))
        assert "no area" in refused(
            genkan("lockdown", "begin", "--data", data, "--area", "x", "--reason", "x")
        )
