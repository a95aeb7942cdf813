"""The station's reader: which paths are one, and a virtual card on it."""

import errno
import os
from pathlib import Path

import click
import pytest

from controller.commands.issue.reader import reader_at
from controller.errors import DeviceUnavailable, InstallerError
from firmware_bridge.nfc.lite_s import sense
from firmware_bridge.simulator.card_file import new_card
from tests.waiting import until

IDM = "012E4CD1A5C0FFEE"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("pcsc:A 00 00", "reads card numbers only"),
        ("osdp:USB0:0", "reads card numbers only"),
        ("bluetooth:1", "is not a reader; give usb"),
        ("", "is not a reader; give usb"),
    ],
)
def test_path_of_no_reader_that_writes_to_cards_is_wrong_usage(path: str, why: str) -> None:
    with pytest.raises(click.UsageError, match=why), reader_at(path):
        pass


def test_reader_that_is_not_there_says_what_to_do() -> None:
    with (
        pytest.raises(DeviceUnavailable, match=r"^The reader at usb:dead:beef is not there"),
        reader_at("usb:dead:beef"),
    ):
        pass


def test_card_of_a_file_lies_on_the_reader_as_long_as_it_is_used(tmp_path: Path) -> None:
    new_card(tmp_path / "card", IDM)
    with reader_at(f"card:{tmp_path / 'card'}", demo=True) as device:
        assert until(lambda: sense(device)).idm == bytes.fromhex(IDM)


@pytest.mark.parametrize(("content", "why"), [(None, "genkan tap --card"), ("no card", "not a virtual card")])
def test_file_that_holds_no_card_is_one_sentence(tmp_path: Path, content: str | None, why: str) -> None:
    file = tmp_path / "card"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InstallerError, match=why) as refused, reader_at(f"card:{file}", demo=True):
        pass
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("path", ["card:{}", "udp:127.0.0.1:1"])
def test_simulated_card_is_refused_at_a_station_that_is_not_a_demo(tmp_path: Path, path: str) -> None:
    new_card(tmp_path / "card", IDM)
    path = path.format(tmp_path / "card")
    with pytest.raises(InstallerError, match="issue init --demo"), reader_at(path):
        pass


@pytest.mark.parametrize(
    ("error", "raised"),
    [(errno.EPIPE, BrokenPipeError), (errno.ENODEV, DeviceUnavailable)],
    ids=["head", "reader"],
)
def test_pipe_that_nobody_reads_any_more_is_not_a_lost_reader(
    tmp_path: Path, error: int, raised: type[Exception]
) -> None:
    new_card(tmp_path / "card", IDM)
    with pytest.raises(raised), reader_at(f"card:{tmp_path / 'card'}", demo=True):
        raise OSError(error, os.strerror(error))
