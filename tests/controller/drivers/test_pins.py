"""A door on the wrong pins must not start; and it says so in one sentence."""

from pathlib import Path

import pytest

from controller.drivers.pins import virtual_pins
from tests.controller.drivers.child import STUB, diary, program
from tests.controller.drivers.lock_story import PIN

pytestmark = pytest.mark.process


def one_sentence(stderr: str) -> str:
    assert stderr.count("\n") == 1, stderr
    assert stderr.endswith(".\n"), stderr
    return stderr


def test_lgpio_missing_refused(tmp_path: Path) -> None:
    run = program(tmp_path, "fail_secure", lgpio=None)
    assert run.returncode == 1
    assert "lgpio is missing or empty" in one_sentence(run.stderr)


def test_lgpio_empty_refused(tmp_path: Path) -> None:
    """Release 0.0.0.2 is what pip takes where no wheel of a later one fits."""
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "lgpio.py").touch()
    run = program(tmp_path, "fail_secure", lgpio=empty)
    assert run.returncode == 1
    assert "lgpio is missing or empty" in one_sentence(run.stderr)


def test_machine_without_a_gpio_chip_refused(tmp_path: Path) -> None:
    run = program(tmp_path, "fail_secure", LGPIO_BROKEN="1")
    assert run.returncode == 1
    assert "cannot be opened (can not open gpiochip)" in one_sentence(run.stderr)


def test_lgpio_that_cannot_keep_its_pipe_refused(tmp_path: Path) -> None:
    """The real lgpio dies like this when LG_WD is not writable."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "lgpio.py").write_text(
        "import os\nopen(os.path.join(os.environ['LG_WD'], '.lgd-nfy-3'), 'rb')\n"
    )
    run = program(tmp_path / "not-there", "fail_secure", lgpio=broken)
    assert run.returncode == 1
    assert f"cannot keep its pipe in {tmp_path / 'not-there'}" in one_sentence(run.stderr)


@pytest.mark.parametrize("chosen", ["mock", "native", "nonsense"])
def test_another_backend_in_the_environment_overruled(tmp_path: Path, chosen: str) -> None:
    run = program(tmp_path, "fail_secure", "release", "say backend", GPIOZERO_PIN_FACTORY=chosen)
    assert (run.returncode, run.stderr) == (0, "lgpio\n")
    assert ("gpio_write", 1) in [(note["call"], note.get("level")) for note in diary(run, PIN)]


def test_mock_backend_already_in_place_refused(tmp_path: Path) -> None:
    """A library that has chosen simulated pins before us would switch them and not the relay."""
    sneaky = tmp_path / "sneaky"
    sneaky.mkdir()
    (sneaky / "lgpio.py").write_text(
        (STUB / "lgpio.py").read_text()
        + "\nfrom gpiozero import Device\nfrom gpiozero.pins.mock import MockFactory\n"
        + "Device.pin_factory = MockFactory()\n"
    )
    run = program(tmp_path, "fail_secure", lgpio=sneaky)
    assert run.returncode == 1
    assert "uses MockFactory instead of lgpio" in one_sentence(run.stderr)


def test_lgpio_that_changes_the_folder_does_not_move_us(tmp_path: Path) -> None:
    """The real lgpio changes into LG_WD, after which no relative path is right."""
    moving = tmp_path / "moving"
    moving.mkdir()
    (moving / "lgpio.py").write_text(
        (STUB / "lgpio.py").read_text()
        + "\nimport atexit\nos.chdir(os.environ['LG_WD'])\n"
        + "atexit.register(lambda: print(os.getcwd(), file=sys.stderr))\n"
    )
    run = program(tmp_path, "fail_secure", lgpio=moving)
    assert run.stderr.strip() == str(Path.cwd())


def test_contact_on_the_real_backend_is_an_input_with_a_pull_up_and_no_edge_events(tmp_path: Path) -> None:
    run = program(tmp_path, "fail_secure", "contact")
    assert run.returncode == 0, run.stderr
    notes = diary(run, 27)
    assert {note["call"] for note in notes} == {"gpio_claim_input", "gpio_free"}
    assert not any(note["out"] for note in notes)
    assert 1 in [note["seen"] for note in notes]


def test_virtual_lock_pin_falls_when_nothing_drives_it() -> None:
    """As the resistor of a real one does, so a trace ends the way a relay would."""
    pin = virtual_pins().pin(PIN)
    pin.output_with_state(True)
    pin.close()
    assert pin.state is False


def test_virtual_switch_to_ground_beats_the_pull_up() -> None:
    pin = virtual_pins().pin(27)
    pin.ground(True)
    pin.pull = "up"
    assert pin.state is False
    pin.ground(False)
    assert pin.state is True
    pin.ground(True)
    assert pin.state is False


def test_virtual_pin_tells_its_watcher_of_changes_only() -> None:
    pin = virtual_pins().pin(PIN)
    reported: list[bool] = []
    pin.watcher = reported.append
    pin.output_with_state(False)
    pin.state = True
    pin.state = True
    pin.state = False
    assert reported == [True, False]
