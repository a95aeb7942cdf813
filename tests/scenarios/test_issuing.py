"""The whole life of a badge that proves a key: issued, imported, tapped, copied, rotated, lost."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.issuing import station
from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.simulator.card import VirtualCard
from firmware_bridge.simulator.card_file import card_of, new_card
from tests.controller.commands.command import done, genkan
from tests.controller.issuing.quick_station import quick_station, quicken
from tests.firmware_bridge.nfc.field import held
from tests.ports import free_port
from tests.scenarios.demo import Demo
from tests.scenarios.test_secrets import TALKATIVE, hits

IDM = "012E4CD1A5C0FFEE"
PASSPHRASE = "a long passphrase"
RULES = """
[doors.entrance.rules.assurance]
mode = "enforce"
least = 2
"""


class Station:
    """An office PC beside the site: its folder, its reader, the cards on the desk."""

    def __init__(self, folder: Path, demo: Demo) -> None:
        self.folder, self.card, self.out = folder, folder / "card.json", folder / "keys.jsonl"
        folder.mkdir()
        (folder / "passphrase").write_text(PASSPHRASE)
        demo.command("issue", "public-key", "--output", str(folder / "door.txt"))
        self.options = ("--station", str(folder / "station"), "--passphrase-file", str(folder / "passphrase"))
        quick_station(folder / "station", PASSPHRASE, demo=True)
        new_card(self.card, IDM)

    @contextlib.contextmanager
    def reader(self) -> Iterator[str]:
        """The card of the file lies on it meanwhile."""
        address = ("127.0.0.1", free_port(socket.SOCK_DGRAM))
        with held(VirtualCard(address, card_of(self.card), away_seconds=0.0)):
            yield f"udp:127.0.0.1:{address[1]}"

    def issue(self) -> None:
        """Again, as the sentence says, where a busy machine lets the card count as pulled away."""
        with self.reader() as path:
            words = ["--reader", path, "--for", str(self.folder / "door.txt"), "--out", str(self.out)]
            for _ in range(20):
                answer = genkan("issue", "card", *self.options, *words)
                if "run this again" not in answer.err:
                    break
            done(answer)

    def rotate(self) -> None:
        done(genkan("issue", "rotate", *self.options))
        quicken(self.folder / "station", PASSPHRASE)

    def imported_by(self, demo: Demo) -> None:
        """The ID is read off the station's screen; after a rotation it is another."""
        id_ = station.open_station(self.folder / "station", PASSPHRASE).id
        demo.command("issue", "import", str(self.out), "--trust-station", id_)

    def key(self, version: int) -> str:
        opened = station.open_station(self.folder / "station", PASSPHRASE)
        return opened.card_key(bytes.fromhex(IDM), version).hex()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    (tmp_path / "sitecustomize.py").write_text(TALKATIVE)
    demo = Demo(tmp_path / "demo", environment={"PYTHONPATH": str(tmp_path)})
    try:
        yield demo
    finally:
        demo.stop()


def taps(demo: Demo, *words: str, answer: str) -> dict[str, object]:
    """The record of a tap that the door answers with `answer`; again where a busy machine let the card go."""
    for _ in range(10):
        before = demo.newest
        output = demo.command("tap", "--reader", "entrance-in", "--hold", "1.5", *words).strip()
        if output == answer or not any(
            reason in output for reason in ("unreadable", "authentication_failed")
        ):
            break
    assert output == answer
    return demo.wait_for("access_granted", "access_denied", after=before)[-1]


@pytest.mark.timeout(1200)
def test_badge_with_a_key_passes_where_a_copy_of_its_number_does_not(
    demo: Demo, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site = Station(tmp_path / "office", demo)
    demo.command("badge", "add", "--holder", "Hanako", "--idm", IDM, "--level", "Everywhere")
    (tmp_path / "rules.toml").write_text(demo.command("rules", "export") + RULES)
    words = ("rules", "import", str(tmp_path / "rules.toml"), "--note", "for keys", "--anyway")
    assert genkan(*words, "--data", demo.data).status == 0
    card = ("--card", str(site.card))

    as_sold = taps(demo, *card, answer="denied: assurance_too_low")
    assert as_sold["assurance"] == 0

    site.issue()
    taps(demo, *card, answer="denied: assurance_too_low")  # the file is not imported yet
    site.imported_by(demo)
    granted = taps(demo, *card, answer="granted")
    assert (granted["assurance"], granted["person"], granted["badge"]) == (2, "Hanako", IDM[-4:])

    only_a_number = taps(demo, "--idm", IDM, answer="denied: authentication_failed")
    assert (only_a_number["person"], only_a_number["badge"]) == ("Hanako", IDM[-4:])
    taps(
        demo,
        "--idm",
        IDM,
        "--key",
        "3A9F41C7E2086BD5914C7EF23D60A8B1",
        answer="denied: authentication_failed",
    )
    half = ("--idm", IDM, "--key", site.key(1), "--half-issued", "locked")  # all but its version is written
    taps(demo, *half, answer="denied: card_half_issued")

    site.rotate()
    old = ("--idm", IDM, "--key", site.key(1), "--key-version", "1")
    assert taps(demo, *old, answer="granted")["assurance"] == 2
    site.issue()
    site.imported_by(demo)
    taps(demo, *old, answer="denied: authentication_failed")
    assert taps(demo, *card, answer="granted")["assurance"] == 2

    demo.command("badge", "lost", "--idm", IDM)
    taps(demo, *card, answer="denied: credential_lost")
    assert_no_key_was_written_down(demo, site, caplog.text)


def assert_no_key_was_written_down(demo: Demo, site: Station, output: str) -> None:
    """Every process wrote all it had to say, at DEBUG."""
    demo.stop()
    places = {str(file): file.read_bytes() for file in demo.data.rglob("*") if file.is_file()}
    places |= {"services": demo.output.read_bytes(), "station": output.encode()}
    assert b"DEBUG talkative" in places["services"]
    for version in (1, 2):
        key = site.key(version)
        for secret in (key, lite_s_mac.key_block(bytes.fromhex(key)).hex()):
            assert not hits(secret, places)
