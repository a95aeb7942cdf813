import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.controller.commands.command import done, genkan, refused


def badge(data: Path, holder: str, idm: str) -> None:
    done(genkan("badge", "add", "--data", data, "--holder", holder, "--idm", idm))


def listed(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done(genkan("person", "list", "--data", data, "--json")).lines]


def references(data: Path, name: str) -> list[str]:
    return [line["reference"] for line in listed(data) if line["person"] == name]


def test_list_names_everybody_with_reference_and_badges(data: Path) -> None:
    badge(data, "一覧 花子", "0101000000000A01")
    lines = [json.loads(line) for line in done(genkan("person", "list", "--data", data, "--json")).lines]
    (found,) = [line for line in lines if line["person"] == "一覧 花子"]
    assert found["badges"] == ["0A01"] and len(found["reference"]) == 16
    assert "一覧 花子\t-\tactive\t0A01" in done(genkan("person", "list", "--data", data)).text


def test_erase_says_when_it_will_be_done_and_how_to_cancel_it(data: Path) -> None:
    badge(data, "消去 花子", "0101000000000A02")
    words = ("person", "erase", "--data", data, "--person", "消去 花子")
    assert "suspend the person first" in refused(genkan(*words, "--reason", "left"))
    assert "is suspended" in done(genkan("person", "suspend", "--data", data, "--person", "消去 花子")).text
    before = datetime.now(UTC)
    text = done(genkan(*words, "--reason", "left")).text
    (reference,) = references(data, "消去 花子")
    due = re.fullmatch(
        rf"消去 花子 will be erased at (.+)\. Until then, cancel it with "
        rf"`genkan person erase --cancel --person {reference}`\.\n",
        text,
    )
    assert due is not None
    assert abs(datetime.fromisoformat(due[1]) - before - timedelta(days=7)) < timedelta(minutes=5)
    assert "already requested" in refused(genkan(*words, "--reason", "left"))
    (line,) = [one for one in listed(data) if one["reference"] == reference]
    assert datetime.fromisoformat(line["erasure_due_utc"]).replace(microsecond=0) == datetime.fromisoformat(
        due[1]
    )
    assert "is cancelled" in done(genkan(*words, "--cancel")).text
    assert "No erasure" in refused(genkan(*words, "--cancel"))
    assert "active again" in done(genkan("person", "resume", "--data", data, "--person", reference)).text
    assert [one["erasure_due_utc"] for one in listed(data) if one["reference"] == reference] == [None]


def test_several_of_one_name_are_distinguished_by_reference(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("name,idm\n同名 花子,0101000000000A04\n同名 花子,0101000000000A05\n", "utf-8")
    genkan("badge", "import", "--data", data, file)
    both = references(data, "同名 花子")
    assert len(both) == 2
    arguments = ("person", "erase", "--data", data, "--reason", "left")
    for reference in both:
        done(genkan("person", "suspend", "--data", data, "--reference", reference))
    sentence = refused(genkan(*arguments, "--holder", "同名 花子"))
    assert all(reference in sentence for reference in both)
    done(genkan(*arguments, "--reference", both[0]))
    assert [one["reference"] for one in listed(data) if one["erasure_due_utc"]] == both[:1]


def test_erase_refuses_nobody_and_no_reason_with_one_sentence(data: Path) -> None:
    arguments = ("person", "erase", "--data", data)
    assert "Nobody is called" in refused(genkan(*arguments, "--holder", "誰も", "--reason", "left"))
    assert "no such person" in refused(genkan(*arguments, "--reference", "0" * 16, "--reason", "left"))
    refused(genkan(*arguments, "--holder", "誰も"), 2)
    refused(genkan(*arguments, "--reason", "left"), 2)
    refused(genkan(*arguments, "--reason", "left", "--holder", "a", "--reference", "b"), 2)


def test_set_changes_what_is_specified_and_keeps_the_rest(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        '[categories.sv]\nlabel_en = "SV"\nlabel_ja = "SV"\n'
        '[qualifications.nda]\nlabel_en = "NDA"\nlabel_ja = "誓約"\n',
        "utf-8",
    )
    done(genkan("rules", "import", "--data", data, file))
    badge(data, "区分 花子", "0101000000000A07")
    arguments = ("person", "set", "--data", data, "--holder", "区分 花子")
    answer = done(genkan(*arguments, "--category", "sv", "--qualification", "nda=2027-03-31", "--overrides"))
    assert answer.text == "区分 花子: category sv; qualifications nda until 2027-03-31.\n"
    done(genkan(*arguments, "--more-time"))
    lines = done(genkan("person", "list", "--data", data, "--json")).lines
    (found,) = [line for line in map(json.loads, lines) if line["person"] == "区分 花子"]
    assert (found["category"], found["qualifications"]) == ("sv", {"nda": "2027-03-31"})
    assert found["overrides"] is True and found["more_time"] is True
    assert "qualifications none" in done(genkan(*arguments, "--qualification", "nda=")).text


def test_set_refuses_what_the_rules_do_not_have_with_one_sentence(data: Path) -> None:
    badge(data, "区分 花子", "0101000000000A08")
    arguments = ("person", "set", "--data", data, "--holder", "区分 花子")
    assert "no category chief" in refused(genkan(*arguments, "--category", "chief"))
    assert "write it as nda=2027-03-31" in refused(genkan(*arguments, "--qualification", "nda"), 2)
    assert "write it as nda=2027-03-31" in refused(genkan(*arguments, "--qualification", "nda=May"), 2)


def test_pin_is_read_from_standard_input_generated_and_removed(data: Path) -> None:
    badge(data, "暗証 花子", "0101000000000A06")
    pin = ("person", "pin", "--data", data, "--holder", "暗証 花子")
    assert "The PIN is set." in done(genkan(*pin, typed="204867\n")).text
    assert "The duress PIN is set." in done(genkan(*pin, "--duress", typed="739155\n")).text
    assert "must be another" in refused(genkan(*pin, typed="739155\n"))
    assert "at least 4 digits" in refused(genkan(*pin, typed="20\n"))
    generated = done(genkan(*pin, "--generate")).text.strip().removeprefix("PIN: ")
    assert len(generated) == 4 and generated.isdecimal()
    assert "no longer has a PIN" in done(genkan(*pin, "--remove")).text
    assert genkan(*pin, "--remove", "--generate").status == 2


@pytest.mark.parametrize("option", ["--person", "--holder", "--cardholder", "--reference"])
def test_person_is_named_by_one_option_and_earlier_names_of_it_are_read(data: Path, option: str):
    badge(data, "氏名 花子", "0101031284C0BB01")
    listed = [json.loads(line) for line in done(genkan("person", "list", "--data", data, "--json")).lines]
    reference = next(one["reference"] for one in listed if one["person"] == "氏名 花子")
    for text in ("氏名 花子", reference):
        done(genkan("person", "set", "--data", data, option, text, "--overrides"))
        point = ("--access-point", "entrance-in")
        assert done(genkan("explain", "--data", data, option, text, *point)).text
    help_text = done(genkan("person", "set", "--help")).text
    assert "--person" in help_text and "--holder" not in help_text


def test_badge_is_added_for_the_person_of_a_reference_where_two_have_one_name(data: Path):
    badge(data, "同名 一", "0101031284C0BB02")
    listed = [json.loads(line) for line in done(genkan("person", "list", "--data", data, "--json")).lines]
    reference = next(one["reference"] for one in listed if one["person"] == "同名 一")
    done(genkan("badge", "add", "--data", data, "--person", reference, "--idm", "0101031284C0BB03"))
    after = [json.loads(line) for line in done(genkan("person", "list", "--data", data, "--json")).lines]
    assert [one["badges"] for one in after if one["person"] == "同名 一"] == [["BB02", "BB03"]]
