"""`genkan issue` on the door's machine."""

import json
import os
from pathlib import Path

import pytest

from controller.issuing import door_key
from controller.issuing.signing import StationKey, station_id
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, refused, sentence, unchanged
from tests.controller.issuing_side import STATION, file_of, issued, public_key, trust
from tests.controller.site import BADGE, STRANGER, admit


@pytest.fixture(autouse=True)
def trusted(site: Site) -> None:
    trust(site)


def folder(site: Site) -> Path:
    return site.config.data


def test_public_key_is_shown_and_written_and_created_where_it_is_missing(site: Site, tmp_path: Path) -> None:
    printed = done(genkan("issue", "public-key", "--data", folder(site))).text.strip()
    assert printed == public_key(site).text
    for file in (door_key.private_file, door_key.public_file):
        file(folder(site) / "keys").unlink()
    answer = done(genkan("issue", "public-key", "--data", folder(site), "--output", tmp_path / "door.txt"))
    assert public_key(site).id in answer.text
    assert (tmp_path / "door.txt").read_text().strip() == public_key(site).text != printed


def test_file_is_checked_imported_and_listed(site: Site, tmp_path: Path) -> None:
    admit(site)
    out = tmp_path / "out.jsonl"
    out.write_bytes(file_of(issued(site, BADGE.hex, bought=None), issued(site, "0101AABBCCDD1234")))
    dry = genkan("issue", "import", "--data", folder(site), out, "--dry-run")
    assert (dry.status, dry.text.strip()) == (0, "1 badges would get a key; nothing was changed.")
    assert "out.jsonl:2: left out: Card …1234" in dry.err
    (line,) = done(genkan("issue", "list", "--data", folder(site), "--json")).lines
    assert json.loads(line)["key_version"] is None
    assert "can be copied" in done(genkan("issue", "list", "--data", folder(site))).text
    assert "1 badges must prove" in genkan("issue", "import", "--data", folder(site), out).text
    (line,) = done(genkan("issue", "list", "--data", folder(site), "--json")).lines
    assert json.loads(line) | {"person": ""} == {
        "person": "",
        "badge": BADGE.last_four,
        "assurance": 2,
        "key_version": 1,
        "chip": "00f1",
        "bought": None,
        "usable": True,
        "chip_may_be_from_before_2018": True,
    }
    text = done(genkan("issue", "list", "--data", folder(site))).text
    assert "proves key version 1" in text and "before 2018" in text
    assert "already" in genkan("issue", "import", "--data", folder(site), out).text


def test_damaged_file_is_reported_line_by_line_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    admit(site)
    out = tmp_path / "out.jsonl"
    out.write_bytes(file_of(issued(site, BADGE.hex)) + b"{}\n" + issued(site, BADGE.hex).line[:100])
    answer = genkan("issue", "import", "--data", folder(site), out)
    assert answer.status == 1 and "2 lines have a problem; nothing was imported" in answer.err
    assert "out.jsonl:2: " in answer.err and "out.jsonl:3: This line is incomplete" in answer.err
    assert BADGE.hex not in answer.err
    assert '"key_version": null' in done(genkan("issue", "list", "--data", folder(site), "--json")).text


def test_key_is_forgotten(site: Site, tmp_path: Path) -> None:
    admit(site)
    out = tmp_path / "out.jsonl"
    out.write_bytes(file_of(issued(site, BADGE.hex)))
    done(genkan("issue", "import", "--data", folder(site), out))
    done(genkan("issue", "forget", "--data", folder(site), "--idm", BADGE.hex, "--reason", "broken"))
    assert "can be copied" in done(genkan("issue", "list", "--data", folder(site))).text
    refused(genkan("issue", "forget", "--data", folder(site), "--idm", BADGE.hex))


def test_check_reports_the_pair_and_of_keys_for_another_door(site: Site, tmp_path: Path) -> None:
    admit(site)
    out = tmp_path / "out.jsonl"
    out.write_bytes(file_of(issued(site, BADGE.hex)))
    done(genkan("issue", "import", "--data", folder(site), out))
    checked = genkan("check", "--config", site.config.file).text
    assert (
        f"ok    badge keys: 1 badges prove a key of their own; this door's key pair is {public_key(site).id}"
        in checked
    )
    door_key.private_file(folder(site) / "keys").unlink()
    assert "FAIL  badge keys: " in genkan("check", "--config", site.config.file).text
    done(genkan("issue", "public-key", "--data", folder(site)))
    checked = genkan("check", "--config", site.config.file).text
    assert "FAIL  badge keys: 1 badges have keys wrapped to another door" in checked
    listed = done(genkan("issue", "list", "--data", folder(site))).text
    assert "for another door or damaged: counts by its number" in listed


def test_file_of_which_every_line_is_left_out_is_refused_with_each_reason(site: Site, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(file_of(issued(site, "0101AABBCCDD1234"), issued(site, "0101AABBCCDD5678")))
    with unchanged(folder(site)):
        answer = genkan("issue", "import", "--data", folder(site), out)
    assert (answer.status, answer.out) == (1, b"")
    first, second, last = answer.err.splitlines()
    assert "out.jsonl:1: left out: Card …1234 is not enrolled" in first and "…5678" in second
    assert "all 2 lines are left out; nothing was imported" in last


def test_file_that_would_shut_badges_out_after_a_restore_waits_for_a_word(site: Site, tmp_path: Path) -> None:
    admit(site)
    admit(site, STRANGER, "Aoki")
    out = tmp_path / "out.jsonl"
    both = file_of(issued(site, BADGE.hex), issued(site, STRANGER.hex))
    out.write_bytes(both)
    done(genkan("issue", "import", "--data", folder(site), out))
    for file in (door_key.private_file, door_key.public_file):
        file(folder(site) / "keys").unlink()
    done(genkan("issue", "public-key", "--data", folder(site)))
    out.write_bytes(file_of(issued(site, BADGE.hex)))

    dry = genkan("issue", "import", "--data", folder(site), out, "--dry-run")
    assert dry.status == 0 and "warning: 1 badges have a key that cannot be used here" in dry.err
    with unchanged(folder(site)):
        answer = genkan("issue", "import", "--data", folder(site), out)
    assert answer.status == 1 and "or give --anyway" in answer.err
    answer = genkan("issue", "import", "--data", folder(site), out, "--anyway")
    assert answer.status == 0 and "the door accepts their number now, and refuses them entry" in answer.err
    (line,) = done(genkan("issue", "list", "--data", folder(site), "--unusable")).lines
    assert STRANGER.last_four in line and "refused on the way in" in line
    again = genkan("issue", "import", "--data", folder(site), out)
    assert again.status == 0 and "the door refuses them entry" in again.err
    out.write_bytes(file_of(issued(site, STRANGER.hex)))
    done(genkan("issue", "import", "--data", folder(site), out))


def test_file_that_is_not_a_file_or_too_large_is_refused(site: Site, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as opened:
        opened.truncate(8_000_001)
    for file, message in ((large, "larger than 8 MB"), (tmp_path / "none", "cannot be read"), (tmp_path, "")):
        answer = genkan("issue", "import", "--data", folder(site), file)
        assert answer.status in (1, 2) and message in sentence(answer.err)


def test_old_chips_are_listed_alone(site: Site, tmp_path: Path) -> None:
    admit(site)
    admit(site, STRANGER, "Aoki")
    out = tmp_path / "out.jsonl"
    out.write_bytes(file_of(issued(site, BADGE.hex, bought=2017), issued(site, STRANGER.hex, bought=2018)))
    done(genkan("issue", "import", "--data", folder(site), out))
    (line,) = done(genkan("issue", "list", "--data", folder(site), "--old-chips")).lines
    assert BADGE.last_four in line and "chip may be from before 2018" in line


def test_public_key_that_cannot_be_written_down_is_one_sentence(site: Site, tmp_path: Path) -> None:
    for output in ("/dev/full", tmp_path / "nowhere" / "door.txt"):
        words = ("issue", "public-key", "--data", folder(site), "--output", output)
        assert "give another --output" in refused(genkan(*words))


def test_file_of_a_strange_station_is_imported_only_with_the_id_that_the_station_shows(
    site: Site, tmp_path: Path
) -> None:
    admit(site)
    thief, out = StationKey(os.urandom(32)), tmp_path / "out.jsonl"
    out.write_bytes(file_of(issued(site, BADGE.hex, by=thief)))
    words = ("issue", "import", "--data", folder(site), out)
    with unchanged(folder(site)):
        assert station_id(thief.public) in refused(genkan(*words))
        for typed in (STATION.id, "", "x"):
            assert "nothing was imported or trusted" in refused(genkan(*words, "--trust-station", typed))
        refused(genkan(*words, "--trust-station", station_id(thief.public), "--dry-run"), 2)
    answer = done(genkan(*words, "--trust-station", station_id(thief.public).replace(" ", "").upper()))
    assert "keys from the station" in answer.text and "1 badges must prove" in answer.text
    assert "keys" in done(genkan(*words)).text  # it is trusted now


def test_old_trusted_file_of_the_station_is_not_mistaken_for_the_one_with_the_specified_id(
    site: Site, tmp_path: Path
) -> None:
    """After `genkan issue rotate`: the new ID, and the file that was exported before."""
    admit(site)
    rotated, out = StationKey(os.urandom(32)), tmp_path / "out.jsonl"
    words = ("issue", "import", "--data", folder(site), out, "--trust-station")
    out.write_bytes(file_of(issued(site, BADGE.hex)))
    for message in ("1 badges must prove", "Nothing to do: 1 badges have these keys"):
        with unchanged(folder(site)):
            refusal = refused(genkan(*words, station_id(rotated.public)))
        assert f"is from the station {STATION.id} and not from {station_id(rotated.public)}" in refusal
        assert message in done(genkan(*words, STATION.id)).text
