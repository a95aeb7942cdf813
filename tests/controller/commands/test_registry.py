"""`genkan registry`: what differs from the log, and accepting it at the machine."""

from pathlib import Path

import pytest

from controller.services.found_rights import record_found
from controller.services.site import Site
from tests.controller.commands.command import Answer, done, genkan, refused, sentence
from tests.controller.runtime.decide_thread import OTHER
from tests.controller.site import admit, running_door
from tests.controller.unrecorded import unrecorded

UNREADABLE = [
    "UPDATE credentials SET valid_from = 'garbage'",
    "UPDATE credentials SET valid_until = '2026-11-24T06:00'",
    "UPDATE credentials SET status = 'abroad'",
]


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


@pytest.mark.parametrize("statement", UNREADABLE)
def test_badge_that_cannot_be_read_is_named_beside_all_others(site: Site, statement: str) -> None:
    admit(site, name="山田 花子")
    admit(site, name="佐藤 愛", number=OTHER)
    record_found(site, site.now())
    data = site.config.data
    with running_door(site) as door:
        door.wait_for("operator_action", count=7)
    with unrecorded(site.registry) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        (badge,) = db.execute("SELECT min(id) FROM credentials").fetchone()
        db.execute(f"{statement} WHERE id = ?", (badge,))
    lines = done(genkan("registry", "show", "--data", data)).lines
    assert lines[0] == "Badges: 1" and lines[1].strip().endswith(": differs")
    (line,) = [
        line
        for line in genkan("check", "--data", data).lines
        if line.partition("  ")[2].startswith("rights:")
    ]
    assert line.startswith("FAIL") and "badge " in line
    listed = genkan("badge", "list", "--data", data)
    assert (listed.status, len(listed.lines)) == (1, 1)
    assert f"table credentials, row {badge}:" in sentence(listed.err)


def fingerprint(data: Path) -> str:
    """As `genkan registry` prints it."""
    text = done(genkan("registry", "show", "--data", data)).text
    return text.split("--fingerprint ")[1].split()[0]


def accept(data: Path, fingerprint: str) -> Answer:
    return genkan("registry", "accept", "--fingerprint", fingerprint, "--reason", "on paper", "--data", data)
