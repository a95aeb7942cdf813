from pathlib import Path

import pytest

from firmware_bridge.simulator import cable


def test_unplugged_reader_stays_unplugged_until_it_is_plugged_in(tmp_path: Path) -> None:
    assert not cable.is_unplugged(tmp_path, "entrance-in")
    cable.unplug(tmp_path, "entrance-in")
    cable.unplug(tmp_path, "entrance-in")
    assert cable.is_unplugged(tmp_path, "entrance-in")
    assert not cable.is_unplugged(tmp_path, "entrance-out")
    assert cable.flag(tmp_path, "entrance-in") == tmp_path / "unplugged-entrance-in"
    cable.plug(tmp_path, "entrance-in")
    cable.plug(tmp_path, "entrance-in")
    assert not cable.is_unplugged(tmp_path, "entrance-in")


@pytest.mark.parametrize("name", ["", "a/../../b", "/etc/passwd", "a\0"])
def test_name_that_is_not_a_readers_touches_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a reader"):
        cable.unplug(tmp_path, name)
