"""An export of a running site on the auditor's machine: verified, altered, and the change found."""

import random
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.auditor import run_verifier
from tests.controller.commands.command import genkan
from tests.scenarios.demo import Demo

PERSON = "Hanako Sato"
PARTS = {
    "whole": (),
    "door": ("--door", "entrance"),
    "month": ("--month", "MONTH"),
    "person": ("--person", PERSON),
}


@pytest.fixture(scope="module")
def taps(site: Demo) -> int:
    """Somebody goes in twice, a stranger is refused."""
    for _ in range(2):
        assert site.tap() == "granted"
        site.walk_through()
    site.tap("0101031284C0BEEF")
    site.wait_for("access_denied")
    return 3


def exported(site: Demo, file: Path, *words: str) -> None:
    answer = genkan("log", "export", "--data", site.data, "--output", file, *words)
    assert (answer.status, answer.out) == (0, b""), answer.err
    assert "the proof is in" in answer.err


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("part", PARTS)
def test_export_of_a_running_site_is_proven_and_any_changed_byte_is_found(
    site: Demo, taps: int, tmp_path: Path, part: str, kind: str
):
    tapped = datetime.fromisoformat(site.log("access_granted")[-1]["utc"])
    month = f"{tapped.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m}"  # as the site has it
    words = [word.replace("MONTH", month) for word in PARTS[part]]
    file = tmp_path / f"log.{kind}"
    exported(site, file, *words)
    bag = tmp_path / "bag"
    bag.mkdir()
    for file_of_export in (file, file.with_name(file.name + ".proof")):
        file_of_export.rename(bag / file_of_export.name)
    key = (site.data / "keys" / "shared" / "log.vkey").read_text().strip()
    copied = bag / file.name

    status, sentence = run_verifier(copied, key)
    assert status == 0, sentence
    assert ("filtered: " in sentence) is (part != "whole")
    if part == "person":
        assert PERSON in copied.read_text("utf-8")

    chance = random.Random(f"{part} {kind}")
    for altered in bag.iterdir():
        good = altered.read_bytes()
        for place in chance.sample(range(len(good)), 40):
            altered.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
            assert run_verifier(copied, key)[0] in (1, 3, 4), f"byte {place} of {altered.name}"
        altered.write_bytes(good[: len(good) // 2])
        assert run_verifier(copied, key)[0] in (1, 3, 4), f"half of {altered.name}"
        altered.write_bytes(good)
    assert run_verifier(copied, key)[0] == 0


def test_checkpoint_on_paper_is_extended_by_every_later_export(site: Demo, taps: int, tmp_path: Path):
    kept = tmp_path / "kept.txt"
    site.command("log", "checkpoint", "--no-qr", "--output", str(kept))
    assert site.tap() == "granted"
    site.walk_through()
    file = tmp_path / "log.jsonl"
    exported(site, file)
    key = (site.data / "keys" / "shared" / "log.vkey").read_text().strip()
    status, sentence = run_verifier(file, key, "--checkpoint", kept)
    assert status == 0, sentence
