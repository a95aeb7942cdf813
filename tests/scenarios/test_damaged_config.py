"""genkan.toml is damaged while the services run: they restart with the last valid configuration."""

from tests.scenarios.demo import Demo


def test_run_goes_on_with_the_last_good_configuration_and_says_so(demo: Demo) -> None:
    assert demo.tap() == "granted"
    demo.walk_through()
    demo.stop()
    before = demo.newest
    file = demo.data / "genkan.toml"
    good = file.read_text("utf-8")
    file.write_text("[site\n", "utf-8")
    demo.start()
    assert "using the last valid configuration" in demo.printed
    file.write_text(good, "utf-8")
    demo.wait_for("config_damaged", after=before)
    assert '"config_damaged"' in demo.command("alarms", "list", "--json")
    assert demo.tap() == "granted"
    demo.walk_through()
