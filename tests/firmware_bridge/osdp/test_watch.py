"""Keys and windows while the line is open."""

from collections.abc import Callable
from pathlib import Path

import osdp_sys
import pytest

from firmware_bridge.osdp import frames, install, keys
from firmware_bridge.problems import ProblemCode
from tests.firmware_bridge.osdp.rig import CARD, NAME, NUMBER, Rig, frame_in


def open_window(rig: Rig, age_ms: int = 0) -> None:
    install.open_window(rig.folder / "keys", NAME, install.this_boot(), install.boot_ms() - age_ms)


def commands(rig: Rig) -> list[int]:
    heard: list[int] = []

    def note(data: bytes) -> list[bytes]:
        found = frame_in(data)
        heard.extend([] if found is None else [found.id])
        return [data]

    rig.to_reader = note
    return heard


def test_window_gives_a_new_reader_its_key_once_and_closes(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(reader_key=b"")
    heard = commands(rig)
    open_window(rig)
    rig.watch.check_keys(rig.now())
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    assert heard.count(frames.KEY_SET) == 1
    assert rig.reader_key.read_bytes() == keys.load(rig.folder / "keys", NAME)
    assert not install.window_file(rig.folder / "keys", NAME).exists()
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards == [NUMBER])


def test_window_that_is_past_or_of_another_boot_gives_no_key(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(reader_key=b"")
    heard = commands(rig)
    open_window(rig, age_ms=install.WINDOW_MS)
    rig.watch.check_keys(rig.now())
    rig.tries(3)
    install.open_window(rig.folder / "keys", NAME, "another boot", install.boot_ms())
    rig.watch.check_keys(rig.now())
    rig.tries(3)
    assert frames.KEY_SET not in heard and frames.CHALLENGE in heard and not rig.link.is_up
    assert not rig.reader_key.exists()


def test_window_that_ends_while_nobody_came_is_enforced_again(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(reader_key=bytes(range(1, 16)) + b"\x77")  # another key: never to be had
    open_window(rig)
    rig.watch.check_keys(rig.now())
    rig.tries(2)
    install.close_window(rig.folder / "keys", NAME)
    rig.watch.check_keys(rig.now())
    heard = commands(rig)
    rig.tries(4)
    assert frames.KEY_SET not in heard and not rig.link.is_up
    assert not rig.watch.readers[0].channel.installing


def test_reader_that_fails_both_keys_in_the_window_is_heard_by_nobody_in_the_clear(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(reader_key=bytes(range(1, 16)) + b"\x77")
    open_window(rig)
    rig.watch.check_keys(rig.now())
    for _ in range(5):
        rig.reader.present(*CARD)
        rig.tries(1)
    assert rig.cards == [] and not rig.link.is_up


def test_new_key_is_adopted_while_the_line_is_open(rig: Rig) -> None:
    keys.make(rig.folder / "keys", NAME)
    rig.watch.check_keys(rig.now())
    rig.offline(ProblemCode.OSDP_KEY_REFUSED)


def test_window_whose_file_cannot_be_removed_serves_once(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    rig = make_rig(reader_key=b"")
    open_window(rig)
    rig.watch.check_keys(rig.now())
    rig.until(rig.reader_key.exists)
    monkeypatch.setattr(Path, "unlink", denied)
    rig.until(lambda: rig.link.is_up)
    monkeypatch.undo()
    assert install.window_file(rig.folder / "keys", NAME).exists()
    rig.link.went_down("test", rig.now())
    rig.watch.check_keys(rig.now())
    assert not rig.watch.readers[0].channel.installing


def test_card_read_while_nobody_listened_is_refused_when_the_reader_is_back(rig: Rig) -> None:
    """Its cable was cut; who held the card is long gone."""
    rig.to_reader = lambda data: []
    rig.until(lambda: not rig.link.is_up)
    rig.skip(5_000)
    assert rig.reader.present(*CARD)
    rig.to_reader = lambda data: [data]
    rig.until(lambda: rig.link.is_up and not rig.link.is_stale)
    rig.until(lambda: rig.reader.indications)
    assert rig.cards == [] and rig.reader.indications[0]["on_color"] == osdp_sys.LED_COLOR_RED
    rig.reader.present(*CARD)
    rig.until(lambda: rig.cards == [NUMBER])
