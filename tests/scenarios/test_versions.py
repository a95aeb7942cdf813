"""Every record says by which configuration and which registry the door went; a change shows."""

from tests.scenarios.demo import STRANGER, Demo


def test_every_record_names_its_configuration_and_registry(demo: Demo):
    demo.tap()
    demo.walk_through()
    demo.tap(STRANGER)
    before = {line["registry"] for line in demo.log("access_granted")}
    demo.command("badge", "add", "--holder", "高橋", "--idm", "01010312000077CC")
    demo.wait_for("operator_action")
    demo.sim("fire", "on")
    demo.wait_for("fire_started")
    demo.sim("fire", "off")
    demo.wait_for("fire_ended")
    log = demo.log()
    assert len({line["type"] for line in log}) > 8
    begun = [line["type"] for line in log if line["registry"] is None]
    # `genkan init` writes the first, and the door starts before it opens the registry.
    assert set(begun) <= {"log_started", "service_started"}, begun
    assert all(line["config"] for line in log)
    assert len({line["config"] for line in log}) == 1
    assert max(line["registry"] for line in demo.log("fire_ended")) > max(before)


def test_changed_configuration_is_another_version_from_the_next_start_on(demo: Demo):
    file = demo.data / "genkan.toml"
    before, config = demo.newest, demo.log()[-1]["config"]
    demo.stop()
    file.write_text(file.read_text("utf-8").replace("release_time = 10.0", "release_time = 9.0"), "utf-8")
    stopped = demo.newest
    demo.start()
    started = demo.wait_for("service_started", after=before)[0]
    assert {line["config"] for line in demo.log() if line["seq"] <= stopped} == {config}
    after = {line["config"] for line in demo.log(after=stopped)}
    assert len(after) == 1 and config not in after
    assert started["config"] in after
