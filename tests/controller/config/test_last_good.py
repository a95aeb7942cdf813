"""A damaged genkan.toml is replaced by the copy of the last start."""

import random
from pathlib import Path

import pytest

from controller.config import LAST_GOOD, Config, keep_as_last_good, load, load_or_last_good
from controller.errors import ConfigError
from controller.model.config_codes import ConfigCode, field_names
from tests.controller.config.texts import WHOLE, write


def test_configuration_the_door_started_on_is_kept_once_and_read_when_the_file_is_gone(tmp_path: Path):
    (tmp_path / "journal").mkdir()
    file = write(tmp_path, WHOLE)
    kept = load(file)
    keep_as_last_good(kept)
    copy = tmp_path / LAST_GOOD
    before = copy.stat()
    keep_as_last_good(kept)
    assert copy.stat().st_mtime_ns == before.st_mtime_ns
    assert load_or_last_good(file) == (kept, None)
    file.unlink()
    config, problem = load_or_last_good(file)
    assert config == kept and config.file == file
    assert problem is not None and "cannot be read" in str(problem)
    assert (problem.code, problem.fields) == (ConfigCode.UNREADABLE, {"error": "ENOENT"})


def test_file_edited_since_the_start_is_not_what_was_started_on(tmp_path: Path):
    (tmp_path / "journal").mkdir()
    file = write(tmp_path, WHOLE)
    config = load(file)
    write(tmp_path, WHOLE.replace("本社", "支社"))
    keep_as_last_good(config)
    assert not (tmp_path / LAST_GOOD).exists()


def test_without_a_good_copy_the_first_problem_is_what_is_reported(tmp_path: Path):
    (tmp_path / LAST_GOOD).parent.mkdir(parents=True)
    file = write(tmp_path, "[site")
    for copy in (None, "[door"):
        if copy is not None:
            (tmp_path / LAST_GOOD).write_text(copy)
        with pytest.raises(ConfigError, match="not valid TOML") as refusal:
            load_or_last_good(file)
        assert str(LAST_GOOD) not in str(refusal.value)


def damaged(raw: bytes, dice: random.Random) -> bytes:
    """As a dying card or a slip of the hand leaves it."""
    hurt = bytearray(raw)
    place = dice.randrange(len(hurt))
    match dice.randrange(6):
        case 0:  # a flipped bit
            hurt[place] ^= 1 << dice.randrange(8)
        case 1:  # cut short
            del hurt[place:]
        case 2:  # a block of zeros or of something else
            hurt[place : place + 64] = bytes(64) if dice.random() < 0.5 else dice.randbytes(64)
        case 3:  # a piece twice
            hurt[place:place] = hurt[: dice.randrange(len(hurt))]
        case 4:  # a line out of place
            lines = bytes(hurt).splitlines(keepends=True)
            dice.shuffle(lines)
            hurt = bytearray(b"".join(lines))
        case _:
            hurt = bytearray(dice.randbytes(dice.randrange(200)))
    return bytes(hurt)


def test_thousand_damaged_configurations_are_refused_for_the_good_one_or_valid_still(tmp_path: Path):
    """Never a traceback: anything but a Config would fail here."""
    (tmp_path / "journal").mkdir()
    file = write(tmp_path, WHOLE)
    good = load(file)
    keep_as_last_good(good)
    dice, last_good = random.Random(8), 0
    for _ in range(1000):
        file.write_bytes(damaged(WHOLE.encode(), dice))
        config, problem = load_or_last_good(file)
        assert isinstance(config, Config) and config.data == tmp_path
        if problem is not None:
            last_good += 1
            assert config == good
            assert "genkan.toml" in str(problem)
            assert set(problem.fields) == field_names(problem.code)
    assert 500 < last_good < 1000
