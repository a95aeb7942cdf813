"""/healthz, /readyz and /metrics: what programs that monitor the site get, without signing in."""

import re
from dataclasses import replace

import pytest

from controller.journal import state
from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.services.people import people
from tests.controller.erasure import request_erasure
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW
from tests.web.routes.test_entry_log import granted
from tests.web.site import ServedSite
from web.frame.cookies import SESSION

# The exposition format, version 0.0.4: strict about what Prometheus itself is strict about.
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r"\{[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\n]|\\[\\\"n])*\"\}"
VALUE = r"(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)"
SAMPLE = re.compile(rf"({NAME})({LABELS})? ({VALUE})")
HELP = re.compile(rf"# HELP ({NAME}) ([^\n\\]|\\\\|\\n)+")
TYPE = re.compile(rf"# TYPE ({NAME}) (gauge|counter)")


def parsed(text: str) -> dict[str, float]:
    """Sample by name and label; each family once, with its HELP and TYPE before its samples."""
    samples: dict[str, float] = {}
    family, families = "", []
    assert text.endswith("\n")
    for line in text.removesuffix("\n").split("\n"):
        if found := HELP.fullmatch(line):
            family = found[1]
            families.append(family)
        elif found := TYPE.fullmatch(line):
            assert found[1] == family and (found[2] == "counter") == family.endswith("_total")
        else:
            found = SAMPLE.fullmatch(line)
            assert found, line
            assert found[1] == family, "samples follow the family's own lines"
            key = found[1] + (found[2] or "")
            assert key not in samples
            samples[key] = float(found[3])
    assert len(families) == len(set(families)) and all(f.startswith("genkan_") for f in families)
    return samples


def report(served: ServedSite, **fields: object) -> None:
    changed = replace(state.ServiceState(), **fields)  # type: ignore[arg-type]
    state.write(served.site.config.data / "journal" / state.NAME, changed)


def metrics(served: ServedSite) -> dict[str, float]:
    served.pass_time(seconds=2)
    answer = served.client().get("/metrics")
    assert answer.status == 200
    assert answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(answer.text)


def ready(served: ServedSite) -> tuple[int, dict[str, str]]:
    served.pass_time(seconds=2)
    answer = served.client().get("/readyz")
    lines = answer.text.splitlines()
    return answer.status, {line.split(" ")[1].rstrip(":"): line for line in lines}


def test_erasure_that_the_registrar_does_not_carry_out_is_a_warning(served: ServedSite) -> None:
    person = people.add(served.site.acting(MACHINE), "退職 花子").id
    request_erasure(served.site, person, served.moment)
    assert ready(served)[1]["erasures"] == "ok erasures"
    served.pass_time(days=7, minutes=11)
    assert ready(served)[1]["erasures"] == "warn erasures: 1_overdue"


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


def test_every_figure_is_there_and_names_nobody(served: ServedSite, door: DoorSide) -> None:
    acting = served.site.acting(site_admin())
    people.add(acting, "Hanako Yamada", "", "")
    door.record(EventType.SERVICE_STARTED)
    door.record(EventType.READER_ONLINE, door="entrance", reader="entrance-in")
    door.record(EventType.READER_OFFLINE, door="entrance", reader="entrance-out", details={"problem": "gone"})
    door.record(EventType.LOCK_RELEASED, door="entrance")
    door.record(EventType.DOOR_OPENED, door="entrance")
    door.record(EventType.DOOR_FORCED_OPEN, door="entrance")
    newest = granted(door, "Hanako")
    report(served, copy_utc=NOW.utc, copy_version=served.site.registry.version(), reserve="released")
    found = metrics(served)
    assert found == found | {
        "genkan_door_service_up": 1,
        "genkan_journal_writing": 1,
        "genkan_journal_readable": 1,
        "genkan_journal_remembered_records": 0,
        "genkan_journal_newest_record": newest,
        "genkan_journal_unsealed_records": newest - 1,  # the first record is sealed: it begins the log
        "genkan_journal_oldest_unsealed_seconds": 2,
        'genkan_journal_reserve{state="ok"}': 0,
        'genkan_journal_reserve{state="released"}': 1,
        'genkan_clock{state="trusted"}': 1,
        'genkan_readers{state="online"}': 1,
        'genkan_readers{state="offline"}': 1,
        'genkan_doors{state="released"}': 1,
        "genkan_doors_open": 1,
        "genkan_doors_forced_open": 1,
        "genkan_doors_held_open": 0,
        "genkan_alarms_open": 2,  # of the reader and of the door
        "genkan_registry_readable": 1,
        "genkan_registry_copy_in_use": 0,
        "genkan_registry_copy_age_seconds": 0,
        "genkan_backup_age_seconds": float("inf"),
        "genkan_log_watchers": 0,
    }
    assert 0 < found["genkan_disk_free_bytes"] <= found["genkan_disk_size_bytes"]
    text = served.client().get("/metrics").text + served.client().get("/readyz").text
    for name in ("Hanako", "Yamada", "FFEE", "entrance", "Admin"):
        assert name not in text


def test_door_that_is_down_has_no_figures_of_its_own(served: ServedSite) -> None:
    found = metrics(served)
    assert found["genkan_door_service_up"] == found["genkan_journal_writing"] == 0
    assert "genkan_journal_remembered_records" not in found
    assert "genkan_registry_copy_age_seconds" not in found


def test_site_that_works_is_ready(served: ServedSite, door: DoorSide) -> None:
    for reader in ("entrance-in", "entrance-out"):
        door.record(EventType.READER_ONLINE, door="entrance", reader=reader)
    report(served)
    status, lines = ready(served)
    assert status == 200
    assert {line.split(" ")[0] for line in lines.values()} == {"ok"}


def test_site_without_a_door_or_with_a_failing_log_is_not_ready(served: ServedSite) -> None:
    status, lines = ready(served)
    assert (status, lines["door"]) == (503, "fail door: not_running")
    served.open_door_side()
    report(served, journal="failing")
    status, lines = ready(served)
    assert (status, lines["journal"]) == (503, "fail journal: failing")
    report(served, card_number_key="unreadable")
    status, lines = ready(served)
    assert (status, lines["card_number_key"]) == (503, "fail card_number_key: unreadable")
    report(served, reserve="none", registry="last_good")
    status, lines = ready(served)
    assert status == 200
    assert (lines["reserve"], lines["registry_copy"]) == ("warn reserve: none", "warn registry_copy: in_use")
    assert lines["readers"] == "warn readers: 2_of_2_offline"


def test_programs_are_answered_without_a_check_of_sessions(
    served: ServedSite, door: DoorSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(served)
    client = served.signed_in()
    token = client.cookies[SESSION]
    served.pass_time(minutes=20)
    for path in ("/healthz", "/readyz", "/metrics", "/static/genkan.css"):
        assert client.get(path).status == 200
    served.pass_time(minutes=11)
    client.cookies[SESSION] = token
    assert client.get("/log").to == "/sign-in", "they are not a use of the session"


def site_admin():  # type: ignore[no-untyped-def]
    from controller.model.operators import MACHINE

    return MACHINE
