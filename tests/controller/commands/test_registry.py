"""`genkan registry`: what differs from the log, and accepting it at the machine."""

from pathlib import Path

from controller.services.found_rights import record_found
from controller.services.site import Site
from tests.controller.commands.command import Answer, done, genkan, refused
from tests.controller.site import admit, running_door
from tests.controller.unrecorded import unrecorded


def test_list_edited_by_another_program_is_named_and_accepted_at_the_machine(site: Site) -> None:
    admit(site, name="山田 花子")
    record_found(site, site.now())
    data = site.config.data
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
        assert "matches the log" in done(genkan("registry", "--data", data)).text
        assert "nothing to accept" in refused(accept(data, "x"))
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET overrides = 1")
        lines = done(genkan("registry", "show", "--data", data)).lines
        assert lines[0] == "People: 1" and lines[1].strip() == "山田 花子: differs"
        seen = fingerprint(data)
        with unrecorded(site.registry) as db:
            db.execute("UPDATE credentials SET valid_until = '2099-01-01T00:00:00.000Z'")
        assert "changed in the meantime" in refused(accept(data, seen))
        assert "--fingerprint" in refused(
            genkan("registry", "accept", "--reason", "x", "--data", data), status=2
        )
        done(accept(data, fingerprint(data)))
        door.wait_for("operator_action", count=10)
        assert "matches the log" in done(genkan("registry", "--data", data)).text


def test_list_accepted_while_the_door_is_stopped_is_shown_as_accepted(site: Site) -> None:
    admit(site)
    record_found(site, site.now())
    data = site.config.data
    with running_door(site) as door:
        door.wait_for("operator_action", count=4)
    with unrecorded(site.registry) as db:
        db.execute("UPDATE meta SET registry_id = '00000000000000000000000000000000'")
    assert "was replaced" in done(genkan("registry", "--data", data)).text
    done(accept(data, fingerprint(data)))
    text = done(genkan("registry", "--data", data)).text
    assert "was replaced" not in text and "--fingerprint" not in text


def fingerprint(data: Path) -> str:
    """As `genkan registry` prints it."""
    text = done(genkan("registry", "show", "--data", data)).text
    return text.split("--fingerprint ")[1].split()[0]


def accept(data: Path, fingerprint: str) -> Answer:
    return genkan("registry", "accept", "--fingerprint", fingerprint, "--reason", "on paper", "--data", data)
