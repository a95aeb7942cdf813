"""The three services get what they need and no more; `systemd-analyze verify` knows the words only."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.registrar import chores, server
from controller.registrar.service import WATCHDOG_S
from controller.registry.lock import WITHIN_S
from controller.services.data_folder.owners import GROUPS, USERS
from web.server.priority import NICE
from web.server.watchdog import PERIOD_S

DEPLOY = Path(__file__).parents[2] / "deploy"


def unit(name: str) -> dict[str, list[str]]:
    settings: dict[str, list[str]] = {}
    for line in (DEPLOY / f"genkan-{name}.service").read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            settings.setdefault(key, []).append(value)
    return settings


def test_door_has_no_network() -> None:
    door = unit("door")
    assert door["PrivateNetwork"] == ["yes"]
    assert door["RestrictAddressFamilies"] == ["AF_UNIX AF_NETLINK"]


def test_door_is_started_again_for_ever_and_watched() -> None:
    door = unit("door")
    assert door["Restart"] == ["always"] and door["StartLimitIntervalSec"] == ["0"]
    assert door["Type"] == ["notify"] and int(door["WatchdogSec"][0]) >= 5


@pytest.mark.parametrize(("name", "longest_s"), [("door", 5), ("registrar", 30), ("web", 30)])
def test_service_that_crashes_again_and_again_is_started_less_often_and_never_given_up(
    name: str, longest_s: int
) -> None:
    service = unit(name)
    assert service["Restart"] == ["always"] and service["StartLimitIntervalSec"] == ["0"]
    assert int(service["RestartSec"][0]) < int(service["RestartMaxDelaySec"][0]) == longest_s
    assert int(service["RestartSteps"][0]) > 0


def test_door_has_a_folder_for_the_pipe_of_the_pin_library() -> None:
    """The program asks systemd where it is; the web, of another user, must not share it."""
    assert unit("door")["RuntimeDirectory"] == ["genkan"] and unit("door")["RuntimeDirectoryMode"] == ["0700"]
    assert unit("door")["RuntimeDirectoryPreserve"] == ["restart"], "it may hold the note of an outage"
    assert "RuntimeDirectory" not in unit("web")


def test_web_has_no_devices_and_gives_way_to_the_door() -> None:
    web = unit("web")
    assert web["PrivateDevices"] == ["yes"] and web["DevicePolicy"] == ["closed"]
    assert "DeviceAllow" not in web and web["SupplementaryGroups"] == ["genkan"]
    assert "CPUSchedulingPolicy" not in web, "the program leaves the idle class while it serves a request"
    assert web["LimitNICE"] == [str(20 - NICE)]
    assert (web["IOSchedulingClass"], web["IOSchedulingPriority"]) == (["best-effort"], ["7"])
    for weight in ("CPUWeight", "IOWeight"):
        assert int(web[weight][0]) * 50 <= int(unit("door")[weight][0])


def test_web_is_watched_by_its_own_answers() -> None:
    web = unit("web")
    assert web["Type"] == ["notify"] and web["Restart"] == ["always"]
    assert int(web["WatchdogSec"][0]) >= 5 * PERIOD_S


def test_each_service_writes_only_its_own() -> None:
    services = {name: unit(name) for name in ("door", "registrar", "web")}
    assert "ReadWritePaths" not in services["web"]
    assert services["registrar"]["ReadWritePaths"] == ["/var/lib/genkan/registry /var/lib/genkan/run"]
    assert "registry" not in services["door"]["ReadWritePaths"][0]
    for name, service in services.items():
        assert service["ProtectSystem"] == ["strict"] and service["UMask"] == ["0027"]
        assert service["User"] == service["Group"] == [f"genkan-{name}"]
    assert len(services) == len({service["User"][0] for service in services.values()})


def test_group_that_may_read_opens_no_reader_and_no_key() -> None:
    rules = (DEPLOY / "60-genkan-readers.rules").read_text(encoding="utf-8")
    assert set(re.findall(r'GROUP="([^"]+)"', rules)) == {"genkan-door"}
    assert unit("registrar")["SupplementaryGroups"] == ["genkan genkan-keys"]
    assert unit("door")["SupplementaryGroups"] == ["genkan genkan-keys gpio dialout"]
    assert {owner: f"genkan-{owner.value}" for owner in USERS} == USERS
    assert set(GROUPS.values()) == {"genkan", "genkan-keys"}


@pytest.mark.process
@pytest.mark.parametrize(("name", "most"), [("door", 4.0), ("registrar", 3.0), ("web", 3.0)])
def test_systemd_knows_the_words_and_finds_little_exposed(
    name: str, most: float, figure: Callable[[str], None]
) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd to read its own files")
    file = str(DEPLOY / f"genkan-{name}.service")
    read = subprocess.run([program, "verify", file], capture_output=True, text=True, check=False)
    complaints = [line for line in read.stderr.splitlines() if "genkan" in line and "is not exec" not in line]
    assert complaints == []
    words = ["security", "--offline=yes", "--no-pager", file]
    rated = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", rated.stdout)
    assert found is not None, rated.stderr
    figure(f"exposure {found[1]}")
    assert float(found[1]) <= most


@pytest.mark.parametrize("name", ["door", "registrar"])
def test_service_sees_the_names_of_other_programs_that_hold_its_locks(name: str) -> None:
    assert "ProtectProc" not in unit(name) and "ProcSubset" not in unit(name)


def test_registrar_has_neither_network_nor_devices_and_is_watched() -> None:
    registrar = unit("registrar")
    assert registrar["PrivateNetwork"] == ["yes"] and registrar["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert registrar["PrivateDevices"] == ["yes"] and "DeviceAllow" not in registrar
    assert registrar["Type"] == ["notify"] and int(registrar["WatchdogSec"][0]) >= 3 * WATCHDOG_S
    assert registrar["MemoryMax"] == ["96M"]


def test_registrar_ends_before_systemd_kills_it() -> None:
    longest_s = chores.ENDING_S + 4 * server.ENDING_S + 2 * WITHIN_S  # registry.db and accounts.db
    assert longest_s == 25.0 < int(unit("registrar")["TimeoutStopSec"][0])


@pytest.mark.parametrize("name", ["door", "registrar", "web"])
def test_service_may_still_ask_whether_the_clock_is_synchronised(name: str) -> None:
    """@privileged holds @clock, and with it adjtimex(2), which reads as well as sets."""
    filters = unit(name)["SystemCallFilter"]
    assert filters.index("adjtimex clock_adjtime") > next(
        i for i, f in enumerate(filters) if f.startswith("~")
    )
    assert "ProtectClock" not in unit(name)
