"""Install windows as the work loop sees them; time is an argument."""

from pathlib import Path

import pytest

from firmware_bridge.messages import InstallChanged
from firmware_bridge.osdp import install, keys
from firmware_bridge.osdp.windows import CHECK_MS, Windows


class Clock:
    ms = 5_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def windows(tmp_path: Path, clock: Clock) -> Windows:
    return Windows(tmp_path, ["a", "b"], lambda: clock.ms)


def test_order_makes_a_new_key_and_a_window_that_is_reported_once(windows: Windows, tmp_path: Path) -> None:
    old = keys.make(tmp_path, "a")
    assert windows.open("a") == [InstallChanged("opened", "a")]
    assert windows.is_open("a") and not windows.is_open("b")
    assert keys.load(tmp_path, "a") != old
    assert windows.changes() == []


def test_window_opened_by_the_command_is_reported(windows: Windows, tmp_path: Path, clock: Clock) -> None:
    install.open_window(tmp_path, "b", install.this_boot(), clock.ms)
    assert windows.changes() == [InstallChanged("opened", "b")]


def test_window_closes_by_itself_within_ten_minutes(windows: Windows, clock: Clock) -> None:
    """Checked twice a second, so it ends up to that much early, and never after the ten minutes."""
    windows.open("a")
    clock.ms += install.WINDOW_MS - CHECK_MS - 1
    assert windows.changes() == [] and windows.is_open("a")
    clock.ms += 1
    assert not windows.is_open("a")
    assert windows.changes() == [InstallChanged("closed", "a")]
    assert windows.changes() == []


def test_window_of_another_boot_is_none(windows: Windows, tmp_path: Path, clock: Clock) -> None:
    install.open_window(tmp_path, "a", "another boot", clock.ms)
    assert windows.changes() == [] and not windows.is_open("a")


def test_window_that_has_served_is_closed_and_reported_once(windows: Windows, tmp_path: Path) -> None:
    windows.open("a")
    assert windows.served("a") == [InstallChanged("taken", "a")]
    assert windows.changes() == [] and not windows.is_open("a")
    assert not install.window_file(tmp_path, "a").exists()


def test_window_that_served_before_anybody_watched_is_reported_whole(
    windows: Windows, tmp_path: Path, clock: Clock
) -> None:
    install.open_window(tmp_path, "a", install.this_boot(), clock.ms)
    assert windows.is_open("a")
    assert windows.served("a") == [InstallChanged("opened", "a"), InstallChanged("taken", "a")]
    assert windows.changes() == []


def test_second_order_is_a_window_of_its_own(windows: Windows) -> None:
    windows.open("a")
    windows.served("a")
    assert windows.open("a") == [InstallChanged("opened", "a")]


def test_key_that_cannot_be_created_is_reported_and_no_window_opens(tmp_path: Path, clock: Clock) -> None:
    windows = Windows(tmp_path / "nowhere", ["a"], lambda: clock.ms)
    assert windows.open("a") == [InstallChanged("failed", "a")]
    assert not windows.is_open("a")
