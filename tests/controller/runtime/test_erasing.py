"""People erased under a running door: from registry and log, what lies beside them, and later backups."""

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.journal.append import Journal
from controller.journal.log_filter import LogFilter
from controller.model.credentials import CardNumber
from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.registry.card_hash import card_hash
from controller.registry.lookup import Lookup
from controller.runtime.copy_actions import ActionCopier
from controller.runtime.erasing import Erasing
from controller.runtime.erasure_requests import ErasureRequests
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, erasing, people
from controller.services.site import Site
from deploy.verify import genkan_verify
from tests.controller.erasure import request_erasure, without_waiting
from tests.controller.journal.samples import grant
from tests.controller.site import running_door
from tests.sample_site import NOW, later
from tests.waiting import until

COUNT = 100
LATER = later(days=7)
KEPT = "残る 人"


def card(number: int) -> CardNumber:
    return CardNumber.parse(f"0101{number:012X}")


def name(number: int) -> str:
    return f"消去 対象{number:03}"


def kana(number: int) -> str:
    return f"しょうきょ たいしょう{number:03}"


def enrolled(site: Site, number: int, level: str) -> str:
    person = people.add(site.acting(MACHINE), name(number), kana(number), [level])
    badge = badges.add(site.acting(MACHINE), person.id, card(number).hex)
    badges.report_lost(site.acting(MACHINE), badge.id, f"{name(number)} が落とした")
    badges.resume(site.acting(MACHINE), badge.id)
    return person.id


def everything_in(data: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(data.rglob("*")) if file.is_file())


def salts_of(data: Path, people_ids: list[str]) -> list[bytes]:
    with sqlite3.connect(data / "journal" / "journal.db") as db:
        rows = db.execute("SELECT person, salt FROM events WHERE person IS NOT NULL AND salt IS NOT NULL")
        return [salt for person, salt in rows if person in people_ids]


def test_hundred_people_erased_under_a_running_door_are_nowhere_and_the_log_verifies(
    site: Site, tmp_path: Path
) -> None:
    data = site.config.data
    always = next(s for s in schedules.all_schedules(site.acting(MACHINE)) if s.always)
    level = levels.add(site.acting(MACHINE), "All", [("entrance-in", always.id)]).id
    without_waiting(site)
    with running_door(site) as door:
        for number in range(COUNT):  # each was here before with a card nobody knew
            door.present("entrance-in", card(number))
        until(lambda: sum(line.get("count", 1) for line in door.log("access_denied")) == COUNT)
        stays = people.add(site.acting(MACHINE), KEPT, "のこる ひと", [level])
        badges.add(site.acting(MACHINE), stays.id, card(9999).hex)
        erased = [enrolled(site, number, level) for number in range(COUNT)]
        for number in range(COUNT):
            door.present("entrance-in", card(number))
        door.present("entrance-in", card(9999))
        door.wait_for("access_granted", count=COUNT + 1)
        salts = salts_of(data, erased)
        assert len(salts) >= COUNT
        hashes = [card_hash(site.key, card(number)) for number in range(COUNT)]

        for person in erased:
            request_erasure(site, person, site.now(), "left the company")
        assert erasing.carry_out_due(site, site.now()) == COUNT
        counts = door.wait_for("person_erased", count=COUNT)
        assert sorted(line["person_ref"] for line in counts) == sorted(erased)
        assert all(line["records"] >= 6 for line in counts)  # added, badge, lost, resumed, suspended …
        copied = (data / "journal" / "last_good" / "registry.db").read_bytes()
        assert not any(name(number).encode() in copied for number in range(COUNT)), "the door's own copy"
        assert people.erasure(site.acting(MACHINE), erased[-1]) is not None
        until(lambda: people.erasure(site.acting(MACHINE), erased[0]).records)  # type: ignore[union-attr]

        wanted = {
            "names": [name(number).encode() for number in range(COUNT)],
            "readings": [kana(number).encode() for number in range(COUNT)],
            "card hashes": hashes,
            "card hashes in hex": [hash.hex().encode() for hash in hashes],
            "salts": salts,
        }
        live = b"".join(
            (data / folder / f"{folder}.db{end}").read_bytes()
            for folder in ("registry", "journal")
            for end in ("", "-wal")
        )
        assert {what: sum(one in live for one in found) for what, found in wanted.items()} == dict.fromkeys(
            wanted, 0
        )
        assert KEPT.encode() in live
        for folder in ("registry", "journal"):
            copy = tmp_path / f"{folder}-backup.db"
            with sqlite3.connect(data / folder / f"{folder}.db") as db:
                db.execute("VACUUM INTO ?", (str(copy),))
            held = copy.read_bytes()
            assert not any(one in held for found in wanted.values() for one in found)
        # a card of somebody erased is a card nobody knows
        door.present("entrance-in", card(5))
        until(lambda: door.log("access_denied")[-1]["reason"] == "credential_unknown")

    with running_door(site):  # the door creates its own last good copy at its start
        copy = data / "journal" / "last_good" / "registry.db"
        until(lambda: copy.exists() and not any(one in copy.read_bytes() for one in wanted["names"]))
    left = everything_in(data)
    for what in ("names", "readings", "salts"):
        assert not any(one in left for one in wanted[what]), what
    verdict = genkan_verify.answer(data=data)
    assert verdict.code == 0, verdict
    assert any("erasures are recorded" in line for line in verdict.lines)


def request_erasures(site: Site, journal: Journal, count: int) -> list[str]:
    """People with records in the log, whose erasing is asked for and copied."""
    ids = [people.add(Acting(site, MACHINE, NOW), name(number)).id for number in range(count)]
    journal.append([grant(person=person, details={"name": "名"}) for person in ids for _ in range(300)])
    for person in ids:
        request_erasure(site, person)
    copy_actions(site, journal)
    assert erasing.carry_out_due(site, LATER) == count
    copy_actions(site, journal)
    return ids


def copy_actions(site: Site, journal: Journal) -> None:
    copier = ActionCopier(lambda: Lookup(site.registry.file), lambda: site.key, lambda: NOW)
    while copier(journal):
        pass


def journal_of(site: Site) -> Journal:
    return Journal.open(site.config.data / "journal" / "journal.db", site.config.version)


def chore(site: Site) -> Erasing:
    return Erasing(lambda: Lookup(site.registry.file), requests(site), lambda: LATER)


def requests(site: Site) -> ErasureRequests:
    return ErasureRequests(site.config.people.erase_after, lambda: site.key)


def run(erasing: Callable[[Journal], bool], journal: Journal) -> int:
    steps = 1
    while erasing(journal):
        steps += 1
    return steps


def counts(site: Site) -> dict[str, int]:
    lines = {}
    for entry in site.journal.page(LogFilter(), limit=10_000):
        if entry.type == EventType.PERSON_ERASED:
            assert entry.person not in lines, "told twice"
            lines[str(entry.person)] = int(str(entry.codes["records"]))
    return lines


def child_killed_after(site: Site, steps: int) -> None:
    """Another process does so many steps and is killed."""
    child = os.fork()
    if child == 0:
        journal = journal_of(site)
        erasing = chore(site)
        for _ in range(steps):
            erasing(journal)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.process
def test_kill_after_any_step_ends_in_each_person_reported_once_with_the_same_count(site: Site) -> None:
    with journal_of(site) as journal:
        ids = request_erasures(site, journal, 3)
    for steps in range(1, 12):
        child_killed_after(site, steps)
    with journal_of(site) as journal:
        run(chore(site), journal)
        run(chore(site), journal)
        # the grants, and what was done to the person (added, suspended, carried out)
        assert counts(site) == dict.fromkeys(ids, 303)
        entries = site.journal.page(LogFilter(), limit=10_000)
        assert not [one.seq for one in entries if one.person in ids and one.details is not None]


def test_reader_that_holds_the_log_open_delays_the_last_step_and_nothing_else(site: Site) -> None:
    with journal_of(site) as journal:
        ids = request_erasures(site, journal, 1)
        erasing = chore(site)
        with site.journal.snapshot():
            run(erasing, journal)
            assert not counts(site)
            journal.append([grant()])
        run(erasing, journal)
        run(erasing, journal)
        assert list(counts(site)) == ids


def test_erasing_waits_until_the_request_itself_is_in_the_log(site: Site) -> None:
    """Then every decision that may have seen the person has been recorded before it."""
    with journal_of(site) as journal:
        person = people.add(Acting(site, MACHINE, NOW), name(1)).id
        request_erasure(site, person)
        copy_actions(site, journal)
        erasing.carry_out_due(site, LATER)
        waits = chore(site)
        assert not waits(journal)
        copy_actions(site, journal)
        assert waits(journal)


def test_nobody_is_recorded_as_erased_while_the_doors_copy_holds_the_name(site: Site) -> None:
    copies: list[tuple[str, int]] = []
    current = False

    def renewed(registry_id: str, version: int) -> bool:
        copies.append((registry_id, version))
        return current

    with journal_of(site) as journal:
        person = people.add(Acting(site, MACHINE, NOW), name(1)).id
        request_erasure(site, person)
        copy_actions(site, journal)
        erasing.carry_out_due(site, LATER)
        copy_actions(site, journal)
        waits = Erasing(lambda: Lookup(site.registry.file), requests(site), lambda: LATER, renewed=renewed)
        before = journal.newest_seq
        for _ in range(200):
            waits(journal)
        assert journal.newest_seq == before
        with site.registry.read() as db:
            assert set(copies) == {
                (site.registry.id(), db.execute("SELECT registry_version FROM meta").fetchone()[0])
            }
        current = True
        waits(journal)
        assert journal.newest_seq == before + 1


def test_damaged_registry_is_reported_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with journal_of(site) as journal:
        site.registry.close()
        (site.config.data / "registry" / "registry.db").rename(site.config.data / "away.db")
        one = chore(site)
        for _ in range(10):
            assert not one(journal)
    assert caplog.text.count("people to be erased cannot be read") == 1


@pytest.mark.parametrize("gone", ["registry.db", None])
def test_registry_that_cannot_be_read_or_has_no_requests_is_not_work(site: Site, gone: str | None) -> None:
    with journal_of(site) as journal:
        if gone:
            site.registry.close()
            (site.config.data / "registry" / gone).rename(site.config.data / "away.db")
        assert not chore(site)(journal)
