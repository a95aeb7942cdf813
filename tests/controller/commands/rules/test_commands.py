"""`genkan rules`: a file in, a file out, and every version kept."""

import json
from pathlib import Path

import pytest

from tests.controller.commands.command import done, genkan, refused, unchanged
from tests.controller.services.wide_site import ARCHIVE as ARCHIVE_DOORS

FLOOR = """
[areas.floor]
label_en = "Floor"
label_ja = "フロア"
entries = ["entrance-in"]
exits = ["entrance-out"]
"""
DOUBTFUL = (
    FLOOR
    + '[areas.floor.rules.first_person_in]\nmode = "enforce"\ncategories = ["sv"]\n'
    + ('[categories.sv]\nlabel_en = "SV"\nlabel_ja = "SV"\nsupervisor = true\n')
)
IMPOSSIBLE = (
    '[areas.floor.rules.dual_access]\nmode = "enforce"\n[areas.floor.rules.occupancy]\n'
    'mode = "enforce"\nmost = 1\n'
)
ARCHIVE = """
[areas.archive]
label_en = "Archive"
label_ja = "書庫"
entries = ["archive-in"]
exits = ["archive-out"]
within = "floor"
[areas.archive.rules.anti_passback]
mode = "enforce"
outer_first = true
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "rules.toml"
    file.write_text(FLOOR, encoding="utf-8")
    return file


def imported(data: Path, file: Path, *more: str) -> str:
    return done(genkan("rules", "import", "--data", data, file, *more)).text


def versions(data: Path) -> list[dict[str, object]]:
    lines = done(genkan("rules", "versions", "--data", data, "--json")).lines
    return [json.loads(line) for line in lines]


def test_imported_rules_are_in_force_and_listed(data: Path, file: Path) -> None:
    assert "Version 1 of the rules is in force." in imported(data, file, "--note", "first")
    assert "version 1 stays in force" in imported(data, file)
    (line,) = versions(data)
    assert (line["version"], line["note"]) == (1, "first")
    book = json.loads(done(genkan("rules", "show", "--data", data, "--json")).text)
    assert book["version"] == 1 and book["rules"]["areas"]["floor"]["entries"] == ["entrance-in"]


def test_exported_file_can_be_imported_again(data: Path, file: Path, tmp_path: Path) -> None:
    imported(data, file)
    copy = tmp_path / "copy.toml"
    answer = genkan("rules", "export", "--data", data, copy)
    assert answer.status == 0 and str(copy) in answer.err
    assert copy.read_text("utf-8") == done(genkan("rules", "export", "--data", data)).text
    assert "stays in force" in imported(data, copy)
    assert len(versions(data)) == 1


def test_problem_is_reported_with_file_and_place_and_changes_nothing(data: Path, file: Path) -> None:
    file.write_text(FLOOR + "[doors.back]\n", encoding="utf-8")
    with unchanged(data):
        sentence = refused(genkan("rules", "import", "--data", data, file))
    assert f"{file} doors.back: There is no door back in genkan.toml; correct the name." in sentence


def test_several_problems_are_reported_a_line_each(data: Path, file: Path) -> None:
    file.write_text(FLOOR + "[doors.back]\n[doors.side]\n", encoding="utf-8")
    answer = genkan("rules", "import", "--data", data, file)
    first, second, last = answer.err.splitlines()
    assert answer.status == 1 and "doors.back" in first and "doors.side" in second
    assert last.endswith("nothing was published; correct the problems and publish again.")


def test_warning_of_people_still_to_come_is_printed_and_the_rules_are_published(
    data: Path, file: Path
) -> None:
    file.write_text(DOUBTFUL, encoding="utf-8")
    answer = genkan("rules", "import", "--data", data, file)
    (line,) = answer.err.splitlines()
    assert (
        answer.status == 0 and "areas.floor.rules.first_person_in: warning: No person belongs to the" in line
    )
    assert "Version 1 of the rules is in force." in answer.text


def test_error_about_a_rule_is_not_followed_by_a_warning_about_it(data: Path, file: Path) -> None:
    for rule in ("first_person_in]\ncategories = []", 'qualifications]\nrequired = ["zzz"]'):
        file.write_text(f'{FLOOR}[areas.floor.rules.{rule}\nmode = "enforce"\n', encoding="utf-8")
        with unchanged(data):
            sentence = refused(genkan("rules", "import", "--data", data, file))
        assert "warning" not in sentence


def test_what_nobody_could_ever_meet_is_held_up_until_anyway(data: Path, file: Path) -> None:
    file.write_text(DOUBTFUL + IMPOSSIBLE, encoding="utf-8")
    with unchanged(data):
        answer = genkan("rules", "import", "--data", data, file)
    first, last = answer.err.splitlines()
    assert answer.status == 1 and "areas.floor.rules.dual_access: warning: Two people must" in first
    assert "--anyway" in last
    answer = genkan("rules", "import", "--data", data, file, "--anyway")
    assert answer.status == 0 and "warning:" in answer.err
    assert "Version 1 of the rules is in force." in answer.text


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            '[areas.floor.rules.prerequisite]\nmode = "enforce"\naccess_point = "archive-in"\n',
            "nobody can enter first: entrance-in, archive-in",
        ),
        (
            '[areas.floor.rules.occupancy]\nmode = "enforce"\nmost = 1\n'
            '[areas.archive.rules.dual_access]\nmode = "enforce"\n',
            "nobody can be the second",
        ),
    ],
    ids=["entries", "pair"],
)
def test_area_and_its_inner_area_that_wait_for_each_other_are_held_up_until_anyway(
    data: Path, file: Path, rules: str, message: str
) -> None:
    config = data / "genkan.toml"
    config.write_text(config.read_text("utf-8") + ARCHIVE_DOORS, encoding="utf-8")
    file.write_text(FLOOR + ARCHIVE + rules, encoding="utf-8")
    with unchanged(data):
        answer = genkan("rules", "import", "--data", data, file)
    assert answer.status == 1 and message in answer.err.splitlines()[0]
    answer = genkan("rules", "import", "--data", data, file, "--anyway")
    assert answer.status == 0 and "Version 1 of the rules is in force." in answer.text


def test_earlier_version_is_shown_and_brought_back_as_a_new_one(data: Path, file: Path) -> None:
    imported(data, file)
    file.write_text("[areas]\n", encoding="utf-8")
    imported(data, file)
    first = done(genkan("rules", "show", "--data", data, "--version", "1")).text
    assert first.startswith("# Version 1\n") and "[areas.floor]" in first
    assert "[areas.floor]" not in done(genkan("rules", "show", "--data", data)).text
    answer = done(genkan("rules", "bring-back", "--data", data, "1", "--note", "it was better"))
    assert answer.text == "Version 3 of the rules is in force; it is version 1 again.\n"
    assert [line["version"] for line in versions(data)] == [3, 2, 1]
    assert "[areas.floor]" in done(genkan("rules", "show", "--data", data)).text


def test_version_and_file_that_are_not_there_are_reported_in_one_sentence(data: Path, tmp_path: Path) -> None:
    assert "no version 9" in refused(genkan("rules", "show", "--data", data, "--version", "9"))
    assert "no version 9" in refused(genkan("rules", "bring-back", "--data", data, "9", "--note", "x"))
    refused(genkan("rules", "bring-back", "--data", data, "9"), 2)
    refused(genkan("rules", "import", "--data", data, tmp_path / "none.toml"))


def test_people_of_a_category_that_goes_are_moved_or_nothing_is_published(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    words = '[categories.{0}]\nlabel_en = "{0}"\nlabel_ja = "{0}"\n'
    file.write_text(words.format("agency"), "utf-8")
    done(genkan("rules", "import", "--data", data, file))
    add = ("badge", "add", "--data", data, "--holder", "移動 花子", "--idm", "0101000000000A41")
    done(genkan(*add))
    done(genkan("person", "set", "--data", data, "--holder", "移動 花子", "--category", "agency"))
    file.write_text(words.format("contractor"), "utf-8")
    again = ("rules", "import", "--data", data, file, "--anyway")
    assert "choose a category for them" in genkan(*again).err
    assert genkan(*again, "--move", "agency").status == 2
    assert (
        done(genkan(*again, "--move", "agency=contractor")).lines[-1] == "Version 2 of the rules is in force."
    )
    listed = done(genkan("person", "list", "--data", data, "--json")).text
    assert '"category": "contractor"' in listed and '"category": "agency"' not in listed
