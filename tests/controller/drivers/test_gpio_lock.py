"""The order of calls on gpiozero's real lgpio backend, with a stub for the library below it."""

from pathlib import Path

import pytest

from controller.drivers.gpio_lock import GpioLock
from controller.drivers.pins import virtual_pins
from controller.errors import InstallerError
from tests.controller.drivers.child import diary, program
from tests.controller.drivers.lock_story import PIN

pytestmark = pytest.mark.process

LOCKS = pytest.mark.parametrize(("kind", "secured"), [("fail_secure", 0), ("fail_safe", 1)])


def calls(notes: list[dict[str, int | str]]) -> list[tuple[str, int | str | None]]:
    return [(str(note["call"]).removeprefix("gpio_"), note.get("level")) for note in notes]


@LOCKS
def test_start_claims_the_pin_secured_and_drives_nothing_else(
    tmp_path: Path, kind: str, secured: int
) -> None:
    run = program(tmp_path, kind, "crash")
    assert calls(diary(run, PIN)) == [("claim_input", None), ("claim_output", secured)], run.stderr


@LOCKS
def test_restart_after_a_crash_in_a_release_is_like_any_start(
    tmp_path: Path, kind: str, secured: int
) -> None:
    program(tmp_path, kind, "release", "crash")
    run = program(tmp_path, kind, "crash")
    assert calls(diary(run, PIN)) == [("claim_input", None), ("claim_output", secured)], run.stderr


@LOCKS
def test_release_and_secure_are_one_write_each(tmp_path: Path, kind: str, secured: int) -> None:
    run = program(tmp_path, kind, "release", "secure", "crash")
    assert calls(diary(run, PIN))[2:] == [("write", 1 - secured), ("write", secured)], run.stderr


@LOCKS
def test_close_makes_the_pin_an_input_and_drives_nothing(tmp_path: Path, kind: str, secured: int) -> None:
    run = program(tmp_path, kind, "close", "crash")
    notes = diary(run, PIN)
    assert calls(notes) == [("claim_input", None), ("claim_output", secured), ("claim_input", None)], (
        run.stderr
    )
    assert not notes[-1]["out"]


@LOCKS
def test_close_in_a_fire_drives_nothing_either(tmp_path: Path, kind: str, secured: int) -> None:
    """Securing before letting go would pull the door shut for a moment while it burns."""
    run = program(tmp_path, kind, "release", "close", "crash")
    assert calls(diary(run, PIN))[2:] == [("write", 1 - secured), ("claim_input", None)], run.stderr


@LOCKS
def test_end_of_the_process_without_close_leaves_an_input(tmp_path: Path, kind: str, secured: int) -> None:
    run = program(tmp_path, kind, "release")
    assert calls(diary(run, PIN))[-1] == ("claim_input", None), run.stderr
    assert run.returncode == 0


def test_fail_secure_line_never_rises_in_a_life_without_a_release(tmp_path: Path) -> None:
    """What the relay sees, the resistor included."""
    notes = diary(program(tmp_path, "fail_secure", "secure", "close"), PIN)
    assert notes
    assert not any(note["seen"] for note in notes)


def test_fail_safe_line_rises_once_and_stays_until_the_end(tmp_path: Path) -> None:
    """Without power a fail-safe lock is released, so its first claim must already hold it."""
    seen = [note["seen"] for note in diary(program(tmp_path, "fail_safe", "secure", "close", "crash"), PIN)]
    assert seen == [0, 1, 1, 0]


def test_other_pins_untouched(tmp_path: Path) -> None:
    run = program(tmp_path, "fail_secure", "release", "secure", "close")
    assert len(run.stdout.splitlines()) == len(diary(run, PIN)) > 0


def test_pin_used_twice_refused_in_one_sentence() -> None:
    factory = virtual_pins()
    lock = GpioLock(PIN, fail_safe=False, factory=factory)
    with pytest.raises(InstallerError, match=r"Pin 17 cannot drive a lock .*lock_pin\."):
        GpioLock(PIN, fail_safe=False, factory=factory)
    lock.close()


@pytest.mark.parametrize(("fail_safe", "secured"), [(False, False), (True, True)])
def test_virtual_pin_follows_the_lock(fail_safe: bool, secured: bool) -> None:
    factory = virtual_pins()
    lock = GpioLock(PIN, fail_safe, factory)
    pin = factory.pin(PIN)
    assert (pin.function, pin.state) == ("output", secured)
    lock.release()
    assert pin.state is not secured
    lock.secure()
    assert pin.state is secured
    lock.release()
    lock.close()
    assert (pin.function, pin.state) == ("input", False)
