from pathlib import Path

import pytest

from firmware_bridge.osdp import install

BOOT = "0f1e2d3c-0000-4000-8000-000000000001"


def test_window_is_open_for_ten_minutes_of_this_boot(tmp_path: Path) -> None:
    install.open_window(tmp_path, "a", BOOT, 5_000)
    assert install.is_open(tmp_path, "a", BOOT, 5_000)
    assert install.is_open(tmp_path, "a", BOOT, 5_000 + install.WINDOW_MS - 1)
    assert not install.is_open(tmp_path, "a", BOOT, 5_000 + install.WINDOW_MS)
    assert not install.is_open(tmp_path, "a", BOOT, 4_999)  # from the future: another boot's, or forged
    assert not install.is_open(tmp_path, "a", "another", 5_001)
    assert not install.is_open(tmp_path, "b", BOOT, 5_001)


def test_closed_window_is_closed(tmp_path: Path) -> None:
    install.open_window(tmp_path, "a", BOOT, 0)
    install.close_window(tmp_path, "a")
    install.close_window(tmp_path, "a")
    assert not install.is_open(tmp_path, "a", BOOT, 1)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '{"boot": 1}', '{"boot": "x", "boot_ms": "soon"}', "\0" * 99]
)
def test_what_is_not_clearly_a_window_is_none(tmp_path: Path, text: str) -> None:
    install.window_file(tmp_path, "a").write_text(text)
    assert not install.is_open(tmp_path, "a", BOOT, 1)


def test_boot_and_its_clock_can_be_read() -> None:
    assert len(install.this_boot()) == 36 and install.boot_ms() > 0
