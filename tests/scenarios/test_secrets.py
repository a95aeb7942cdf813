"""No file or log holds card numbers, codes, passwords or session tokens, in any spelling."""

import logging
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from controller.config import load
from controller.model.operators import MACHINE
from controller.model.rule_book import DoorMode, DoorRules
from controller.runtime.clock import Clock
from controller.services.people import people, pins
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.overheard import SECRETS, SecretScanner, spellings
from tests.scenarios.demo import SAMPLE, Demo
from tests.scenarios.test_pages import PASSWORD, set_up
from tests.web.client import Client

# Python runs it at every start of every process of the demo.
TALKATIVE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
logging.getLogger("talkative").debug("%s", sys.orig_argv)
"""
PIN, DURESS, WRONG_PIN = "73925186", "48160537", "90271643"
MINE, STRANGER, TYPED, LEARNED = (
    "01010312000A1B2C",
    "01010312000B2C3D",
    "01010312000C3D4E",
    "01010312000D4E5F",
)
PAGES = [
    "/log?result=all",
    "/log?result=operator",
    "/log?name=1B2C",
    "/doors",
    "/people",
    "/people/{person}",
    "/people/new",
    "/levels",
    "/schedules",
    "/operators",
    "/account",
    "/changes",
    "/import",
    "/metrics",
    "/healthz",
    "/api/v1/events",
    "/api/v1/doors",
    "/api/v1/openapi.json",
    "/log/export?result=all",
    "/people/{person}/badges/new",
    "/people/{person}/pin",
    "/alarms",
]


def hits(secret: str, places: dict[str, bytes]) -> list[str]:
    forms = set(spellings(secret))
    return [name for name, content in places.items() if any(form in content for form in forms)]


@pytest.mark.parametrize(
    "written",
    [
        b"01010312000a1b2c",
        b"01 01 03 12 00 0a 1b 2c",
        b"AQEDEgAKGyw=",
        rb"b'\x01\x01\x03\x12\x00\n\x1b,'",
        b"\x01\x01\x03\x12\x00\x0a\x1b\x2c",
        b"[1, 1, 3, 18, 0, 10, 27, 44]",
    ],
)
def test_search_finds_a_number_however_it_is_written(written: bytes):
    assert hits(MINE, {"here": b"before " + written + b" after", "there": b"nothing"}) == ["here"]


@pytest.mark.parametrize("secret", SECRETS)
def test_ear_of_the_long_runs_hears_a_secret_in_a_log_and_in_its_traceback(secret: str):
    scanner, logger = SecretScanner(), logging.getLogger("tests.secrets")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(scanner)
    try:
        logger.debug("nothing of 1%s1", secret[:3])
        assert scanner.leaks == []
        logger.debug("it is %s", secret.lower())
        assert scanner.leaks
        scanner.leaks.clear()
        try:
            raise ValueError(secret)
        except ValueError:
            logger.exception("failed")
        assert scanner.leaks
    finally:
        logger.removeHandler(scanner)


def test_nothing_written_anywhere_at_debug_level_holds_a_secret(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(TALKATIVE)
    demo = Demo(tmp_path / "data", environment={"PYTHONPATH": str(tmp_path)})
    places: dict[str, bytes] = {}
    try:
        client = Client(demo.port)
        tokens = [value for value in _signed_in(client, demo).values() if len(value) > 20]
        person = _use_everything(client, demo)
        for path in PAGES:
            answer = client.get(path.format(person=person))
            assert answer.status == 200, path
            places[path] = answer.body
        places["export"] = client.post("/log/export", {"result": "all"}).body
        places["log show"] = demo.command("log", "show", "--json").encode()
        places["badge list"] = demo.command("badge", "list", "--json").encode()
        places["operator list"] = demo.command("operator", "list").encode()
    finally:
        demo.stop()
    for file in (demo.data / "journal", demo.data / "registry", demo.data / "simulator"):
        places |= {str(path): path.read_bytes() for path in file.rglob("*") if path.is_file()}
    text = demo.output.read_bytes()
    announced = [line for line in text.splitlines() if line.startswith((b"Set-up code:", b"Try a tap:"))]
    assert len(announced) == 2
    places["output"] = b"\n".join(line for line in text.splitlines() if line not in announced)
    for process in (b"firmware_bridge.nfc", b"'door'", b"'web'"):
        spoke = [line for line in text.splitlines() if b"DEBUG talkative" in line and process in line]
        assert spoke, f"{process!r} was not talkative"
    assert len(tokens) == 2
    for secret in (
        MINE,
        STRANGER,
        TYPED,
        LEARNED,
        SAMPLE,
        PASSWORD,
        PIN,
        DURESS,
        WRONG_PIN,
        demo.set_up_code,
        *tokens,
    ):
        assert not hits(secret, places), f"…{secret[-4:]}"
    assert b"1B2C" in places["log show"]


def _signed_in(client: Client, demo: Demo) -> dict[str, str]:
    assert set_up(client, "12345678-wrong").status == 422
    assert set_up(client, demo.set_up_code).status == 303
    client.post("/sign-out")
    assert client.post("/sign-in", {"name": "anna", "password": PASSWORD + "!"}).status == 422
    assert client.post("/sign-in", {"name": "anna", "password": PASSWORD}).status == 303
    return client.cookies


def _use_everything(client: Client, demo: Demo) -> str:
    """Cards tapped, typed, learned, lost and refused; returns the person whose badges they are."""
    demo.command("badge", "add", "--holder", "鈴木 一", "--idm", MINE, "--level", "Everywhere")
    _use_pins(demo)
    assert demo.tap(MINE) == "granted"
    assert demo.tap(STRANGER) == "denied: credential_unknown"
    assert demo.tap(STRANGER, "entrance-out") == "granted"
    demo.walk_through()
    (person,) = client.get("/people?q=" + quote("鈴木 一")).ids(r"/people/([0-9a-f]{16})")
    assert client.post(f"/people/{person}/badges/new", {"number": TYPED}).status == 303
    assert client.post(f"/people/{person}/badges/new", {"number": TYPED}).status == 409
    assert client.post(f"/people/{person}/badges/new", {"number": TYPED + "0"}).status == 422
    waiting = client.post(f"/people/{person}/enrol", {"reader": "entrance-in"}).to
    assert demo.tap(LEARNED) == "learned"
    assert client.post(waiting.split("?")[0]).status == 303
    demo.command("badge", "lost", "--idm", LEARNED)
    assert demo.tap(LEARNED) == "denied: credential_lost"
    upload = client.upload("/import", f"name,idm\nA,{MINE}\nB,{MINE}\n".encode())
    assert upload.status in (200, 422)
    return person


def _use_pins(demo: Demo) -> None:
    config = load(demo.data / "genkan.toml")
    with Site.open(config, Clock().now) as site:
        (person,) = people.named(site.acting(MACHINE), "鈴木 一")
        pins.set_pin(site.acting(MACHINE), person.id, PIN, PIN)
        pins.set_duress(site.acting(MACHINE), person.id, DURESS, DURESS)
        was = rule_books.newest(site.acting(MACHINE))
        with_pin = replace(was, doors={**was.doors, "entrance": DoorRules("entrance", DoorMode.CARD_PIN)})
        rule_books.publish(site.acting(MACHINE), with_pin, "")
    tap = ("tap", "--reader", "entrance-in", "--idm", MINE, "--hold", "0")
    assert demo.command(*tap, "--pin", WRONG_PIN).strip() == "denied: pin_wrong"
    for pin in (PIN, DURESS):
        assert demo.command(*tap, "--pin", pin).strip() == "granted"
        demo.walk_through()
    (alarm,) = demo.wait_for("duress")
    assert alarm["person"] == "鈴木 一"
    with Site.open(config, Clock().now) as site:
        rule_books.publish(site.acting(MACHINE), was, "")
