from pathlib import Path

import osdp_sys

from firmware_bridge.messages import PinKeyed
from firmware_bridge.osdp import frames, keys
from tests.firmware_bridge.osdp.rig import CARD, Rig, frame_in


def test_command_sent_twice_is_answered_twice_with_the_same_bytes(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    replies: list[bytes] = []
    rig.to_panel = lambda data: [replies.append(data) or data]  # type: ignore[func-returns-value]
    rig.until(lambda: rig.link.is_up)
    polls: list[bytes] = []

    def twice(data: bytes) -> list[bytes]:
        found = frame_in(data)
        if found is not None and found.id == frames.POLL and not polls:
            polls.append(data)
            replies.clear()
            return [data, data]
        return [data]

    rig.to_reader = twice
    rig.until(lambda: polls)
    assert len(replies) == 2 and replies[0] == replies[1]
    rig.for_commands(5)
    assert rig.link.is_up
    rig.close()


def test_reader_shows_granted_and_refused_for_a_while_only(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.until(lambda: rig.watch.readers[0].unwanted and rig.link.is_up)  # it has refused to say its state
    for indication, colour, beeps in (
        ("granted", osdp_sys.LED_COLOR_GREEN, 1),
        ("refused", osdp_sys.LED_COLOR_RED, 3),
        ("enter_pin", osdp_sys.LED_COLOR_AMBER, 2),
    ):
        rig.reader.indications.clear()
        rig.watch.show("entrance-in", indication)
        rig.until(lambda: len(rig.reader.indications) == 3)
        lamp, sound, _ = rig.reader.indications
        assert lamp["on_color"] == colour and lamp["temporary"] and 0 < lamp["timer_count"] <= 150
        assert sound["rep_count"] == beeps
    rig.close()


def test_keys_pressed_one_by_one_reach_the_panel_as_one_pin(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    for key in (b"9", b"\x7f", b"2", b"0", b"4", b"8", b"\r"):
        assert rig.reader.press(key)
        rig.until(lambda: rig.reader.delivered())
    rig.until(lambda: rig.of(PinKeyed))
    assert rig.of(PinKeyed) == [PinKeyed("2048", "entrance-in")]
    rig.close()


def test_reader_without_a_key_takes_one_and_keeps_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path, reader_key=b"")
    from firmware_bridge.osdp import install

    install.open_window(tmp_path / "keys", "entrance-in", install.this_boot(), install.boot_ms())
    rig.watch.check_keys(rig.now())
    rig.until(lambda: rig.link.is_up)
    assert rig.reader_key.read_bytes() == keys.load(tmp_path / "keys", "entrance-in")
    assert not install.window_file(tmp_path / "keys", "entrance-in").exists()
    rig.reader.present(*CARD)
    rig.until(lambda: not rig.link.is_stale)
    rig.until(lambda: rig.reader.delivered())
    rig.close()
