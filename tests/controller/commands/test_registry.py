"""`genkan registry`: what differs from the log, and accepting it at the machine."""

from controller.services.found_rights import record_found
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, refused
from tests.controller.site import admit, running_door
from tests.controller.unrecorded import unrecorded


def test_list_edited_by_another_program_is_named_and_accepted_at_the_machine(site: Site) -> None:
    admit(site, name="山田 花子")
    record_found(site, site.now())
    data = site.config.data
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        assert "matches the log" in done(genkan("registry", "--data", data)).text
        assert "nothing to accept" in refused(genkan("registry", "accept", "--reason", "x", "--data", data))
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 1")
        lines = done(genkan("registry", "show", "--data", data)).lines
        assert lines[0] == "People: 1" and lines[1].strip() == "山田 花子: differs"
        done(genkan("registry", "accept", "--reason", "seen on paper", "--data", data))
        door.wait_for("operator_action", count=10)
        assert "matches the log" in done(genkan("registry", "--data", data)).text
