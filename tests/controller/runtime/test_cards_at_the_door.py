"""Cards with similar numbers, cards that no longer count, and names of every kind: tap to table."""

import csv
import io
from datetime import timedelta
from pathlib import Path

from controller.model.credentials import CardNumber
from controller.model.operators import MACHINE
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.people import badges, imports, people
from controller.services.site import Site
from tests.controller.commands.command import genkan
from tests.controller.erasure import erase, without_waiting
from tests.controller.site import BADGE, Door, admit, running_door
from tests.waiting import until

# Without their leading zeros, or cut to the shortest, they would be one number.
ALIKE = (
    "00A1B2C3",
    "00000000A1B2C3",
    "0000000000A1B2C3",
    "00000000000000A1B2C3",
    "A1B2C300",
    "A1B2C300000000",
)
NAMES = ("𠮷野 家子", "髙橋 🦊", '=HYPERLINK("http://x","y")', 'O\'Brien, "Bo"')


def taps(door: Door, number: str) -> dict[str, object]:
    before = len(door.log("access_granted", "access_denied"))
    door.present("entrance-in", CardNumber.parse(number))
    return door.wait_for("access_granted", "access_denied", count=before + 1)[before]


def test_numbers_that_are_alike_each_admit_their_own_holder_only(site: Site) -> None:
    """By an import, as lists from elsewhere come; every other one is enrolled."""
    levels.add(site.acting(MACHINE), "Floor", [("entrance-in", "always")])
    enrolled = ALIKE[::2]
    lines = ["name,idm,level", *(f"Holder of {number},{number},Floor" for number in enrolled)]
    report = imports.check(site.acting(MACHINE), "\n".join(lines).encode())
    assert report.import_id is not None, report.problems
    imports.publish(site.acting(MACHINE), report.import_id)
    with running_door(site) as door:
        for number in ALIKE:
            seen = taps(door, number)
            expected = f"Holder of {number}" if number in enrolled else None
            assert (seen["person"], seen["reason"]) == (expected, None if expected else "credential_unknown")
            assert seen["badge"] == number[-4:]


def test_badge_that_counts_no_longer_has_its_own_reason_and_the_name_of_that_time(site: Site) -> None:
    badge, now = admit(site), site.now()
    today = now.utc.date()
    (holder,) = people.named(site.acting(MACHINE), "山田 花子")

    def refused(door: Door) -> tuple[object, object]:
        seen = taps(door, BADGE.hex)
        return seen["person"], seen["reason"]

    without_waiting(site)
    with running_door(site) as door:
        badges.edit(Acting(site, MACHINE, now), badge, today + timedelta(days=2), None)
        assert refused(door) == ("山田 花子", "credential_not_yet_valid")
        badges.edit(Acting(site, MACHINE, now), badge, None, today - timedelta(days=2))
        assert refused(door) == ("山田 花子", "credential_expired")
        badges.edit(Acting(site, MACHINE, now), badge, None, None)
        people.edit(
            Acting(site, MACHINE, now), holder.id, "佐藤 花子", "", [level.id for level in holder.levels]
        )
        badges.suspend(Acting(site, MACHINE, now), badge, "forgotten at home")
        assert refused(door) == ("佐藤 花子", "credential_suspended")
        badges.resume(Acting(site, MACHINE, now), badge)
        people.suspend(Acting(site, MACHINE, now), holder.id)
        assert refused(door) == ("佐藤 花子", "cardholder_suspended")
        people.resume(Acting(site, MACHINE, now), holder.id)
        badges.report_lost(Acting(site, MACHINE, now), badge, "left on a train")
        assert refused(door) == ("佐藤 花子", "credential_lost")
        names = [line["person"] for line in door.log("access_denied")]
        assert names == ["山田 花子"] * 2 + ["佐藤 花子"] * 3
        erase(site, holder.id, site.now())
        door.wait_for("person_erased")
        assert refused(door) == (None, "credential_unknown")


def test_badge_reported_lost_is_refused_at_the_next_tap_and_no_other_is(site: Site) -> None:
    """At a door that runs: within 5 s means that no tap after the report gets in."""
    numbers = [CardNumber.parse(f"0114B34D000000{index:02X}") for index in range(20)]
    held = [admit(site, number, f"Holder {index}") for index, number in enumerate(numbers)]
    with running_door(site) as door:
        for badge, number in zip(held[::2], numbers[::2], strict=True):
            badges.report_lost(site.acting(MACHINE), badge, "bag stolen")
            assert taps(door, number.hex)["reason"] == "credential_lost"
        assert door.releases == 0
        assert [taps(door, number.hex)["result"] for number in numbers] == ["denied", "granted"] * 10


def test_name_of_any_kind_goes_through_badge_log_restart_and_table(site: Site, tmp_path: Path) -> None:
    numbers = [CardNumber.parse(f"0114B34D000000{index:02X}") for index in range(len(NAMES))]
    for name, number in zip(NAMES, numbers, strict=True):
        admit(site, number, name)
    with running_door(site) as door:
        assert [taps(door, number.hex)["person"] for number in numbers] == list(NAMES)
    with running_door(site) as door:
        assert [taps(door, number.hex)["person"] for number in numbers] == list(NAMES)
        until(lambda: door.releases >= 1)
        file = tmp_path / "log.csv"
        assert genkan("log", "export", "--data", site.config.data, "--output", file).status == 0
    cells = [row[2] for row in csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")) if row[2]]
    for name in NAMES:
        cell = "'" + name if name.startswith("=") else name
        assert cells.count(cell) == 2
