"""Virtual readers belong to the demo."""

from pathlib import Path

from tests.controller.config.texts import WHOLE, refused


def test_simulated_reader_without_demo_is_refused(tmp_path: Path):
    assert "demo = true" in refused(tmp_path, WHOLE.replace("demo = true", "demo = false"))


def test_virtual_pn532_without_demo_is_refused(tmp_path: Path):
    text = WHOLE.replace("demo = true", "demo = false").replace("udp:127.0.0.1:54321", "tty:pty:usb-1")
    assert "tty:pty: is a virtual reader" in refused(tmp_path, text)
