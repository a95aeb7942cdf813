"""One tap, whole: virtual card, nfcpy, bridge, decision, journal, pin, log."""

from tests.scenarios.demo import SAMPLE, Demo


def test_sample_badge_is_granted_releases_the_pin_and_is_on_record(shared_demo: Demo):
    before = shared_demo.log()[-1]["seq"]
    assert shared_demo.tap() == "granted"
    secured = [line for line in shared_demo.wait_for("lock_secured") if line["seq"] > before]
    lines = [line for line in shared_demo.log() if line["seq"] > before]
    assert [line["type"] for line in lines if line["door"] == "entrance"][:2] == [
        "access_granted",
        "lock_released",
    ]
    granted = next(line for line in lines if line["type"] == "access_granted")
    assert granted["badge"] == SAMPLE[-4:]
    assert (granted["access_point"], granted["result"], granted["reason"]) == ("entrance-in", "granted", None)
    assert granted["person"]
    assert secured is not None
    levels = [change["level"] for change in shared_demo.trace() if change["name"] == "entrance.lock"]
    assert levels[0] == 0
    assert 1 in levels
