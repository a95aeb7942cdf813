"""`genkan tap`: hold a virtual badge to a virtual reader, through the real NFC stack."""

import math
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.badge_face import badge_face
from controller.commands.options import data_option, fail, load_config, open_site
from controller.commands.program import Program, TapLimits
from controller.config import Config, OsdpPath, ReaderConfig
from controller.errors import GenkanError
from controller.journal.alive import is_door_alive
from controller.model.access import Direction

if TYPE_CHECKING:
    from firmware_bridge.simulator.faces import Face

_HOLD_S, _PROVING_HOLD_S = 0.3, 1.0
_AWAY_S = 0.6  # an OSDP reader treats a badge that returns within 0.5 s as one that never left
_FAILING_FOR_S = 1.0  # if the log still fails then, it does not record the tap
_SETTLED_S = 2.5  # by then a door that keeps passages in memory has admitted or refused the tap
_PAUSE = threading.Event()


@click.command()
@data_option
@click.option("--reader", required=True, metavar="NAME", help="The reader's name in genkan.toml.")
@click.option(
    "--idm",
    metavar="HEX",
    help="The FeliCa number, 16 hexadecimal digits; at an OSDP reader any number.",
)
@click.option(
    "--uid",
    "type_a",
    metavar="HEX",
    help="In place of --idm: a Type A card's UID, 8, 14 or 20 hexadecimal digits.",
)
@click.option(
    "--key",
    metavar="HEX",
    help="The badge is a FeliCa Lite-S, or with --uid an NTAG 424 DNA, with this card key, 32 digits.",
)
@click.option("--counter", type=int, help="The NTAG 424 DNA's read counter, this tap included.  [default: 1]")
@click.option("--key-version", type=int, help="The version of that key, 1 to 65534.  [default: 1]")
@click.option(
    "--card",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The badge is the FeliCa Lite-S in FILE; --idm creates a new one there.",
)
@click.option(
    "--half-issued",
    type=click.Choice(["begun", "keyed", "locked"]),
    help="The badge is a FeliCa Lite-S that left the issuing station after this step.",
)
@click.option(
    "--bits",
    type=int,
    help="At an OSDP reader: how many bits the number has, such as 26.  [default: 4 for each digit of --idm]",
)
@click.option(
    "--hold",
    type=float,
    metavar="SECONDS",
    help="How long the badge stays at the reader.  [default: 0.3, 1 with --key, --card or --half-issued]",
)
@click.option("--pin", metavar="DIGITS", help="The PIN to key in after the badge, if the door asks for one.")
@click.pass_obj
def tap(
    program: Program,
    data: Path,
    reader: str,
    idm: str | None,
    type_a: str | None,
    key: str | None,
    counter: int | None,
    key_version: int | None,
    card: Path | None,
    half_issued: str | None,
    bits: int | None,
    hold: float | None,
    pin: str | None,
) -> None:
    """Present a virtual badge to a virtual reader (demo).

    Prints what the door answers: granted, "waiting: REASON" or "denied: REASON". A refusal by the door is an
    answer, so the exit status is 0. It is 1 where the reader or the door does not answer, and where the log
    fails: then "not recorded: ..." says whether the door admitted the badge.
    """
    if hold is None:
        hold = _PROVING_HOLD_S if key or card or half_issued else _HOLD_S
    if not math.isfinite(hold) or not 0 <= hold <= 86_400:
        raise click.UsageError(f"--hold {hold} is not possible; give 0 to 86400 seconds.")
    if pin is not None and not (0 < len(pin) <= 16 and pin.isascii() and pin.isdecimal()):
        raise click.UsageError("--pin is not a PIN; give 1 to 16 digits.")
    config = load_config(data)
    path = _reader(config, reader).path
    if path.startswith("osdp:pty:"):
        if (key, card, key_version, half_issued, type_a, counter) != (None,) * 6:
            raise click.UsageError(
                "--uid, --key, --card and --half-issued are for NFC readers; an OSDP reader reads only a "
                "number, --idm."
            )
        show = _osdp_badge(config, reader, idm or "", bits)
    elif bits is not None:
        raise click.UsageError("--bits is for OSDP readers; a FeliCa number always has 64.")
    else:
        face = badge_face(
            idm, key, key_version, card, half_issued=half_issued, type_a=type_a, counter=counter
        )
        show = _nfc_badge(config, reader, face, hold, within_s=program.tap.reader_s)
    if not is_door_alive(config.data / "journal"):
        fail(f"The door of {data} is not running; start it with `genkan run --data {data}`.")
    answer = _Answer(config, config.readers[reader], (idm or type_a or "").upper(), program.tap.answer_s)
    show()
    next_tap = time.monotonic() + (_AWAY_S if path.startswith("osdp:pty:") else 0)
    if pin is not None:
        _key_in(config, reader, pin)
    click.echo(answer.wait())
    _PAUSE.wait(next_tap - time.monotonic())  # so that the reader sees the next tap as a new one


def _nfc_badge(config: Config, reader: str, face: "Face", hold: float, within_s: float) -> Callable[[], None]:
    virtual_port = config.readers[reader].virtual_port
    address = None if virtual_port is not None else _address(config, reader)

    def show() -> None:
        from firmware_bridge.simulator.card import VirtualCard
        from firmware_bridge.simulator.pn532_card import CardAtPn532

        try:
            if address is not None:
                read = VirtualCard(address, face).present(hold, patience=within_s)
            else:
                folder = config.data / "simulator"
                read = CardAtPn532(folder, virtual_port or "", face).present(hold, patience=within_s)
        except OSError as error:
            fail(
                f"The badge cannot be held to {reader} at {config.readers[reader].path} ({error.strerror}); "
                f"correct [readers.{reader}] path in {config.file}."
            )
        if not read:
            fail(
                f"No reader polled the badge within {within_s:.0f} s at {reader}; if another badge lies "
                f"there, remove it; if it is unplugged, `genkan sim --data {config.data} plug {reader}`."
            )

    return show


def _osdp_badge(config: Config, reader: str, idm: str, bits: int | None) -> Callable[[], None]:
    size = 4 * len(idm) if bits is None else bits
    try:
        value = int(idm, 16)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << max(size, 0) or size > 512:
        raise click.UsageError(
            f"--idm {idm} is not a number of {size} bits; give hexadecimal digits that fit."
        )
    line = OsdpPath.parse(config.readers[reader].path).port

    def show() -> None:
        from firmware_bridge.simulator.osdp_control import present

        data = (value << -size % 8).to_bytes((size + 7) // 8, "big")
        try:
            present(config.data / "simulator", line, reader, bits=size, data=data)
        except (OSError, ValueError) as error:
            fail(str(error))

    return show


def _key_in(config: Config, reader: str, pin: str) -> None:
    """Key in a PIN on the reader's own keypad, or on the simulated keypad beside a reader without one."""
    from firmware_bridge.simulator import door, osdp_control

    folder, path = config.data / "simulator", config.readers[reader].path
    try:
        if path.startswith("osdp:pty:"):
            osdp_control.key_in(folder, OsdpPath.parse(path).port, reader, pin)
        else:
            door.key_in(folder, reader, pin)
    except (OSError, ValueError) as error:
        fail(str(error))


def _reader(config: Config, reader: str) -> ReaderConfig:
    if reader not in config.readers:
        fail(
            f"There is no reader {reader!r} in {config.file}; there are: "
            f"{', '.join(config.readers) or 'none'}."
        )
    return config.readers[reader]


def _address(config: Config, reader: str) -> tuple[str, int]:
    path = config.readers[reader].path
    if not path.startswith("udp:"):
        fail(f"{reader} is a real reader ({path}); hold a real badge to it.")
    _, host, port = path.split(":")
    return host, int(port)


class _Answer:
    """The door's answer to the tap, from the journal."""

    def __init__(
        self, config: Config, reader: ReaderConfig, badge: str = "", within_s: float = TapLimits.answer_s
    ) -> None:
        """The door has `within_s` from the tap to record it."""
        self._config, self._reader, self._last_four = config, reader, badge.zfill(4)[-4:]
        self._within_s = within_s
        self._folder = config.data / "journal"
        self._file = self._folder / "journal.db"
        self._access_point = reader.access_point
        self._leads_out = config.access_points[reader.access_point].direction is Direction.OUT
        self._newest = self._newest_seq()
        self._remembered = self._remembered_entries()

    def _newest_seq(self) -> int:
        from controller.journal.query import JournalReader

        try:
            with JournalReader(self._file) as journal:
                return journal.newest_seq()
        except GenkanError:
            return 0

    def _read_answer(self) -> str | None:
        from controller.journal.query import JournalReader, LogFilter

        try:
            with JournalReader(self._file) as journal:
                for entry in journal.after(LogFilter(), self._newest, limit=100):
                    if entry.access_point == self._access_point and entry.result in (
                        "granted",
                        "waiting",
                        "denied",
                    ):
                        return entry.result if entry.reason is None else f"{entry.result}: {entry.reason}"
                    if entry.type == "order_done" and (entry.details or {}).get("last_four"):
                        return "learned"
        except GenkanError:
            pass
        return None

    def _remembered_entries(self) -> int:
        from controller.journal import state

        now = state.read(self._folder)
        return 0 if now is None else now.remembered

    def wait(self, failing_for: float = _FAILING_FOR_S, settled: float = _SETTLED_S) -> str:
        """Return the result of the tap from the log; fail with one sentence if the door records nothing.

        Give up early if the door reports that its log fails: `failing_for` seconds after the tap, or
        `settled` seconds where the door may still keep the passage in memory.
        """
        tapped_at = time.monotonic()
        while (answer := self._read_answer()) is None and time.monotonic() < tapped_at + self._within_s:
            if time.monotonic() > tapped_at + failing_for:
                self._fail_if_log_fails(may_admit=time.monotonic() <= tapped_at + settled)
            _PAUSE.wait(0.02)
        answer = answer or self._waiting_answer(timedelta(seconds=time.monotonic() - tapped_at))
        return answer or fail(
            f"not recorded: the badge was read, but the door recorded nothing within "
            f"{self._within_s:.0f} s{'' if self._leads_out else ', so it admitted nobody'}; it may wait for "
            "a PIN (--pin), see `genkan log show`."
        )

    def _waiting_answer(self, ago: timedelta) -> str | None:
        """Return the answer for a badge that still waits for a second person; this tap has no record then."""
        from controller.commands.waiting_record import waiting_record

        try:
            with open_site(self._config.data) as site:
                record = waiting_record(site, self._reader, self._last_four, site.now().utc - ago)
        except GenkanError:
            return None
        if record is None:
            return None
        click.echo(f"This badge still waits for a second person, by record {record}.", err=True)
        return "waiting: second_person_needed"

    def _fail_if_log_fails(self, may_admit: bool) -> None:
        """Fail with a sentence that reports whether the door admitted the tap. `may_admit`: the door may
        still decide to keep the passage in memory.
        """
        from controller.journal import state

        now = state.read(self._folder)
        if now is None or now.journal == "ok":
            return
        if self._leads_out:
            then = "the door lets people leave anyway"
        elif now.remembered > self._remembered:
            then = (
                "the door admitted the person; it keeps the passage in memory and records it as soon as it "
                "can"
            )
        elif now.journal != "remembering":
            then = "the door refuses entry until it can write"
        elif may_admit:
            return
        else:
            then = "the door refused entry to this badge"
        cause = now.journal_cause or "unknown cause"
        if holder := now.held_by or now.journal_detail:
            cause = f"{cause}, by {holder}"
        fail(f"not recorded: the log can't be written ({cause}); {then}.")
