import json

from controller.model.reasons import DenyReason
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, refused
from tests.controller.services.floor_side import FloorSide
from tests.sample_site import NOW, moved


def test_who_is_inside_is_listed_forgiven_corrected_and_counted_out(site: Site) -> None:
    data = site.config.data
    with FloorSide(site) as floor:
        floor.taps("佐藤 太郎", "in")
        floor.taps("鈴木 次郎", "in")
        (line, _) = map(json.loads, done(genkan("presence", "list", "--data", data, "--json")).lines)
        assert (line["area"], line["name"], line["category"]) == ("floor", "佐藤 太郎", "sv")
        assert done(genkan("presence", "--data", data, "--json")).lines[0].startswith('{"area": "floor"')
        why = ("--reason", "held the door", "--data", data)
        assert done(genkan("presence", "forgive", "--person", "佐藤 太郎", *why)).text == "Forgiven.\n"
        correct = ("presence", "correct", "--person", floor.ids["佐藤 太郎"])
        assert done(genkan(*correct, "--outside", *why)).text == "Corrected.\n"
        assert "is outside according to the log" in refused(
            genkan("presence", "forgive", "--person", "佐藤 太郎", *why)
        )
        assert "not counted inside" in refused(genkan(*correct, "--outside", *why))
        assert done(genkan("presence", "forgive", "--area", "floor", *why)).text == "Forgiven: 1.\n"
        assert done(genkan("presence", "empty", "--area", "floor", *why)).text == "Counted out: 1.\n"
        assert "Nobody is counted inside" in refused(genkan("presence", "empty", "--area", "floor", *why))
        assert done(genkan("presence", "list", "--data", data)).text == ""


def test_missed_tap_is_listed_and_dealt_with_by_its_number(site: Site) -> None:
    data = site.config.data
    with FloorSide(site) as floor:
        number = floor.taps("佐藤 太郎", "out", moved(NOW, minutes=1))
        (line,) = map(json.loads, done(genkan("presence", "missed", "--data", data, "--json")).lines)
        assert (line["seq"], line["missed"], line["name"]) == (number, "out_without_in", "佐藤 太郎")
        words = ("presence", "correct", str(number), "--data", data)
        refused(genkan(*words), 2)
        assert "Enter a reason" in refused(genkan(*words, "--reason", " "))
        assert done(genkan(*words, "--reason", "came in behind a colleague")).text == "Corrected.\n"
        assert done(genkan("presence", "missed", "--data", data)).text == ""
        assert "see the list" in refused(genkan(*words, "--reason", "again"))


def test_missed_tap_of_a_refused_person_is_marked_as_refused(site: Site) -> None:
    data = site.config.data
    with FloorSide(site) as floor:
        floor.refused("佐藤 太郎", DenyReason.OUTER_AREA_NOT_ENTERED, within="site")
        (line,) = map(json.loads, done(genkan("presence", "missed", "--data", data, "--json")).lines)
        assert (line["missed"], line["refused"]) == ("inner_without_outer", True)
        assert done(genkan("presence", "missed", "--data", data)).text.endswith("\trefused\n")


def test_unclear_request_is_a_usage_error(site: Site) -> None:
    why = ("--reason", "x", "--data", site.config.data)
    refused(genkan("presence", "correct", *why), 2)
    refused(genkan("presence", "correct", "1", "--area", "floor", *why), 2)
    refused(genkan("presence", "correct", "--person", "p", *why), 2)
    refused(genkan("presence", "forgive", *why), 2)
