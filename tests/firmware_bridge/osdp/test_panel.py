"""libosdp behind our wrapper: what its binding does to those who hold it wrong must not happen to us."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware_bridge.osdp import frames
from tests.firmware_bridge.osdp.rig import CARD, NUMBER, Rig, frame_in

HOME = Path(__file__).parents[3]


def test_card_read_in_a_session_is_an_event_of_it(rig: Rig) -> None:
    assert rig.reader.present(*CARD)
    rig.until(lambda: rig.cards)
    assert rig.cards == [NUMBER]


def test_event_the_wrapper_cannot_read_is_counted_and_raises_nothing(rig: Rig) -> None:
    """Trap: what a handler raises comes out of refresh(), or out of anything else that runs next."""
    panel = rig.watch._panel
    assert panel is not None
    assert panel._heard(0, {}) == 0
    assert panel.errors == 1
    rig.sent.clear()
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards)


def test_channel_of_a_line_that_is_gone_raises_nothing(rig: Rig) -> None:
    channel = rig.watch.readers[0].channel
    rig.wire._file = -1
    assert channel.write(b"\xff\x53") == -1
    channel.flush()
    assert channel.broken is not None


def test_command_the_library_cannot_read_is_not_submitted(rig: Rig) -> None:
    panel = rig.watch._panel
    assert panel is not None
    assert not panel.submit(0, {"command": 1})
    assert panel.errors == 1
    rig.for_commands(3)
    assert rig.link.is_up


@pytest.mark.process
def test_challenges_of_two_processes_differ() -> None:
    """libosdp draws them by rand() and never seeds it: each start would repeat the one before."""
    script = (
        "import tempfile, time; from pathlib import Path\n"
        "from tests.firmware_bridge.osdp.rig import Rig, frame_in\n"
        "from firmware_bridge.osdp.frames import CHALLENGE\n"
        "rig = Rig(Path(tempfile.mkdtemp())); seen = []\n"
        "def look(data):\n"
        "    frame = frame_in(data)\n"
        "    if frame is not None and frame.id == CHALLENGE: seen.append(frame.raw[9:17].hex())\n"
        "    return [data]\n"
        "rig.to_reader = look\n"
        "rig.until(lambda: seen)\nprint(seen[0])\n"
    )
    replies = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(3)
    }
    assert len(replies) == 3 and all(len(challenge) == 16 for challenge in replies)


def test_wall_clock_set_back_an_hour_stops_no_poll(rig: Rig) -> None:
    """libosdp counts by gettimeofday: the bridge creates a new panel when the wall clock jumps."""
    before = rig.watch._panel
    rig.watch._wall_ms += 3_600_000
    rig.watch.check_keys(rig.now())
    assert rig.watch._panel is not before
    rig.until(lambda: rig.link.is_up)
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards)


def test_frames_the_panel_sends_are_frames(rig: Rig) -> None:
    sent: list[bytes] = []
    rig.to_reader = lambda data: [sent.append(data) or data]  # type: ignore[func-returns-value]
    rig.for_commands(3)
    found = [frame_in(data) for data in sent]
    assert found and all(frame is not None and frame.id == frames.POLL for frame in found)
