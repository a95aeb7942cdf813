"""Things that break while people come and go: readers, processes, power, the web beside the door."""

import http.client
import signal
import subprocess
import sys
from pathlib import Path

from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import web_socket
from tests.controller.commands.command import genkan as in_this_process
from tests.controller.commands.command import refused, sentence
from tests.controller.databases import blocked
from tests.ports import free_port
from tests.scenarios.demo import SAMPLE, STRANGER, Demo, genkan, patient
from tests.waiting import until


def test_reader_unplugged_and_plugged_in_again_is_reported_and_the_other_works_on(site: Demo):
    door, before = site.service("door"), site.newest
    site.sim("unplug", "entrance-in")
    offline = site.wait_for("reader_offline", after=before)[0]
    assert (offline["reader"], offline["door"]) == ("entrance-in", "entrance")
    assert offline["details"]["problem"] == "not_there" and offline["details"]["path"].startswith("udp:")
    words = ("tap", "--data", site.data, "--reader", "entrance-in", "--idm", SAMPLE)
    assert "plug entrance-in" in refused(in_this_process(*words, program=patient(reader_s=1)))
    assert site.tap(STRANGER, "entrance-out") == "granted"
    site.walk_through()
    site.sim("plug", "entrance-in")
    assert site.wait_for("reader_online", after=before)[0]["reader"] == "entrance-in"
    assert site.tap() == "granted"
    site.walk_through()
    assert len(site.log("reader_offline", after=before)) == 1
    assert site.service("door") == door


def test_stopped_bridge_is_killed_and_comes_back_with_the_door_undisturbed(site: Demo):
    door, bridge, before = site.service("door"), site.bridge(), site.newest
    site.kill(bridge, signal.SIGSTOP)
    assert site.wait_for("reader_offline", after=before)[0]["reader"] == "entrance-in"
    site.wait_for("reader_online", after=before)
    assert site.bridge() != bridge
    assert site.tap() == "granted"
    site.walk_through()
    assert site.service("door") == door


def test_killed_bridge_comes_back(site: Demo):
    bridge, before = site.bridge(), site.newest
    site.kill(bridge)
    site.wait_for("reader_online", after=before)
    assert site.tap() == "granted"
    site.walk_through()


def test_door_killed_while_released_comes_back_secured_and_says_what_it_does_not_know(site: Demo):
    before = site.newest
    assert site.tap() == "granted"
    granted = site.log("access_granted", after=before)[0]
    until(lambda: site.level == 1)
    site.kill(site.service("door"))
    site.door_answers_again(before)
    assert site.level == 0
    outcomes = until(
        lambda: [line for line in site.log("access_outcome", after=before) if line["of"] == granted["seq"]],
        what="the grant is closed, behind the taps",
    )
    assert [line["result"] for line in outcomes] == ["outcome_unknown"]
    assert site.tap() == "granted"
    site.walk_through()
    assert site.command("log", "verify").startswith("OK: ")


def test_grant_that_cannot_be_recorded_moves_no_pin_and_is_refused(site: Demo):
    before, changes = site.newest, len(site.trace())
    with blocked(site.data):
        assert site.tap(hold=1, answer_within=3).startswith("genkan: not recorded: ")
        assert len(site.trace()) == changes
    refused = site.wait_for("access_denied", after=before)[0]
    assert (refused["reason"], refused["badge"]) == ("journal_unavailable", SAMPLE[-4:])
    assert not site.log("access_granted", "lock_released", after=before)
    assert site.tap() == "granted"
    site.walk_through()


def test_fire_holds_the_door_released_over_a_restart_and_is_recorded_once(site: Demo):
    before = site.newest
    site.sim("fire", "on")
    site.wait_for("fire_started", after=before)
    assert site.level == 1
    site.kill(site.service("door"))
    site.door_answers_again(before)
    until(lambda: site.level == 1)
    assert not site.log("fire_ended", after=before)
    site.sim("fire off")
    site.wait_for("fire_ended", after=before)
    until(lambda: site.level == 0)


def test_second_door_on_the_folder_ends_with_one_sentence_and_the_first_does_not_notice(site: Demo):
    door, before, changes = site.service("door"), site.newest, len(site.trace())
    second = genkan("door", "--config", str(site.data / "genkan.toml"))
    assert (second.returncode, second.stdout) == (1, "")
    assert "another door process" in sentence(second.stderr)
    assert site.newest == before
    assert len(site.trace()) == changes
    assert site.service("door") == door
    assert site.tap() == "granted"
    site.walk_through()


def web_answers(port: int) -> bool:
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        page.request("GET", "/healthz")
        return page.getresponse().status == 200
    except OSError:
        return False
    finally:
        page.close()


def test_no_tap_is_missed_while_the_web_is_killed_and_stopped_twenty_times(site: Demo):
    """Stop the running process. Kill others beside it at any point after the tap."""
    door, running, before = site.service("door"), site.service("web"), site.newest
    words = [sys.executable, "-m", "controller.main", "web", "--config", str(site.data / "genkan.toml")]
    answers = []
    for round in range(20):
        if round % 2:
            site.kill(running, signal.SIGSTOP)
            answers.append(site.tap())
            site.kill(running, signal.SIGCONT)
        else:
            with subprocess.Popen([*words, "--port", str(free_port())]) as another:
                answers.append(site.tap())
                another.kill()
    site.kill(running)
    answers.append(site.tap())
    assert answers == ["granted"] * 21
    assert len(site.log("access_granted", after=before)) == 21
    assert site.service("door") == door
    site.walk_through()
    until(lambda: web_answers(site.port), what="the web service is back")


def test_registrar_that_dies_keeps_no_door_shut_and_comes_back(site: Demo):
    number = "01010312000077DD"
    site.command("badge", "add", "--person", "Takahashi", "--idm", number)
    before = site.service("registrar")
    site.kill(before)
    assert site.tap() == "granted"
    site.walk_through()
    until(lambda: site.service("registrar") != before, what="the registrar is back")
    until(SocketLink(web_socket(site.data)).is_answered, what="the registrar listens")
    site.command("badge", "lost", "--idm", number)
    assert "credential_lost" in site.tap(number)


def test_operators_actions_are_in_the_log_once_each_though_the_door_died_over_them(site: Demo):
    number = "01010312000077CC"
    site.command("badge", "add", "--holder", "高橋", "--idm", number)
    for verb in ("suspend", "resume") * 2:
        before = site.newest
        site.kill(site.service("door"))
        site.command("badge", verb, "--idm", number)
        site.wait_for("service_started", after=before)
    before = site.newest
    site.command("badge", "lost", "--idm", number)
    until(lambda: "badge_lost" in {line["action"] for line in site.log("operator_action", after=before)})
    done = site.log("operator_action")
    assert [line["action_id"] for line in done] == list(range(1, len(done) + 1))
    ours = [line["action"] for line in done if line["action"] in ("badge_suspended", "badge_resumed")]
    assert ours == ["badge_suspended", "badge_resumed"] * 2


def test_power_off_and_on_loses_no_record(site: Demo):
    assert site.tap() == "granted"
    last = site.newest
    site.pull_the_plug()
    assert "awaiting recovery" in in_this_process("log", "show", "--data", site.data).err
    site.start()
    site.door_answers_again(last)
    assert [line["seq"] for line in site.log()] == list(range(1, site.newest + 1))
    assert site.command("log", "verify").startswith("OK: ")
    assert site.tap() == "granted"
    site.walk_through()


def test_reader_that_was_never_there_is_offline_and_the_others_work(tmp_path: Path):
    reader = '[readers.side]\naccess_point = "entrance-in"\npath = "tty:USB99"\n\n[readers.entrance-in]'
    demo = Demo(tmp_path / "data", {"[readers.entrance-in]": reader})
    try:
        # The other's bridge may have started too slowly on a busy machine, and come back since.
        until(lambda: "side" in {line["reader"] for line in demo.log("reader_offline")})
        assert demo.tap() == "granted"
    finally:
        demo.stop()
    assert demo.process.returncode == 0
    assert "Traceback" not in demo.printed
