import errno
from typing import Any

import nfc.clf
import pytest

from firmware_bridge.nfc.card_poll import Blank, Lost, poll_card, switch_field_off
from firmware_bridge.nfc.presentation import Sighting
from firmware_bridge.problems import ProblemCode
from tests.firmware_bridge.nfc.scripted import ScriptedDevice, felica, type_a

NOTHING, ODD = Blank.NOTHING, Blank.ODD


def test_felica_card_is_seen_by_its_idm() -> None:
    assert poll_card(ScriptedDevice([felica("0101031284C0FFEE")]), "212F") == Sighting(
        "felica", "0101031284C0FFEE"
    )


@pytest.mark.parametrize("uid", ["04A1B2C3", "04A1B2C3D4E5F6", "04A1B2C3D4E5F6070809"])
def test_type_a_card_is_seen_by_its_uid(uid: str) -> None:
    assert poll_card(ScriptedDevice(type_a=[type_a(uid)]), "106A") == Sighting("type_a", uid)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (None, NOTHING),
        (False, NOTHING),
        (nfc.clf.TimeoutError("no data"), NOTHING),
        (nfc.clf.BrokenLinkError("RFOFF"), NOTHING),
        (nfc.clf.UnsupportedTargetError("no"), Blank.UNSUPPORTED),
        (IndexError(), ODD),
        (TypeError(), ODD),
        (ValueError(), ODD),
        (AssertionError(), ODD),
        (RecursionError(), ODD),
        (True, ODD),
        (object(), ODD),
    ],
)
@pytest.mark.parametrize("bitrate", ["212F", "106A"])
def test_regardless_of_the_driver_does_is_a_state(step: Any, expected: Blank, bitrate: str) -> None:
    assert poll_card(ScriptedDevice([step], [step]), bitrate) is expected


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EIO, ProblemCode.ANSWERS_WITH_ERRORS),
        (errno.ENODEV, ProblemCode.NOT_THERE),
        (errno.ETIMEDOUT, ProblemCode.NO_ANSWER),
        (errno.EACCES, ProblemCode.NO_PERMISSION),
        (errno.EBUSY, ProblemCode.PORT_BUSY),
        (None, ProblemCode.ANSWERS_WITH_ERRORS),
        (-2, ProblemCode.FAILS),
    ],
)
def test_reader_that_raises_an_io_error_is_lost(number: int | None, code: ProblemCode) -> None:
    error = OSError() if number is None else OSError(number, "text")
    result = poll_card(ScriptedDevice([error]), "212F")
    assert isinstance(result, Lost) and result.problem.code is code
    device = ScriptedDevice()
    device.mute = _raiser(error)  # type: ignore[method-assign]
    assert switch_field_off(device) == result


@pytest.mark.parametrize(
    "answer", [b"", b"\x01", b"\x01" + bytes(15), b"\x02" + bytes(16), bytes(17), None, 7, "text"]
)
def test_felica_answer_of_the_wrong_shape_is_odd(answer: Any) -> None:
    target = nfc.clf.RemoteTarget("212F", sensf_res=answer)
    assert poll_card(ScriptedDevice([target]), "212F") is ODD


@pytest.mark.parametrize("size", [0, 1, 3, 5, 6, 8, 9, 11, 300])
def test_type_a_number_of_a_size_that_does_not_exist_is_odd(size: int) -> None:
    assert poll_card(ScriptedDevice(type_a=[type_a("04" * size)]), "106A") is ODD


def test_type_1_tag_is_not_mistaken_for_a_badge() -> None:
    target = nfc.clf.RemoteTarget("106A", sens_res=b"\x00\x0c", rid_res=b"\x11\x48\x01\x02\x03\x04")
    assert poll_card(ScriptedDevice(type_a=[target]), "106A") is NOTHING


def test_interrupt_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        poll_card(ScriptedDevice([KeyboardInterrupt()]), "212F")


def _raiser(error: Exception) -> Any:
    def fail() -> None:
        raise error

    return fail
