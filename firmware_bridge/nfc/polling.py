"""The work loop of the bridge: poll the field, send messages, receive answers, repeat; a heartbeat twice a
second.

One thread and no other: anything that holds it up stops the heartbeat, and the door then kills the process.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from firmware_bridge.door_link import DoorLink
from firmware_bridge.messages import (
    BridgeHeartbeat,
    CardFound,
    CardRead,
    CardRejected,
    DeviceOffline,
    DeviceOnline,
    NumberOnly,
    ProveKey,
    ReadSunMessage,
    ShowIndication,
    SunMessageRead,
    ToBridge,
)
from firmware_bridge.nfc.card_poll import Blank, CardPoll, Lost, poll_card, problem_of, switch_field_off
from firmware_bridge.nfc.presentation import Presentations, Sighting
from firmware_bridge.problems import Problem, ProblemCode

HEARTBEAT_MS = 500
CYCLE_MS = 20  # at least; a card at rest in the field need not be polled more often
FIRST_RETRY_MS, LAST_RETRY_MS = 250, 2000
HEALTHY_MS = 10_000
ODD_MS = 10_000
INDICATION_MS = 300
PROVED = 2  # the assurance of a card that proves its own key
RARE_CYCLES = 4  # poll 424F in every fourth cycle; every genuine FeliCa card answers at 212F


class Polling:
    """`monotonic` gives seconds. `still_alive` is called with every heartbeat (the dead man's handle).
    `proofs`: cards may have to prove a key here, as they do on the way in.
    """

    def __init__(
        self,
        path: str,
        open_device: Callable[[], Any],
        link: DoorLink,
        monotonic: Callable[[], float],
        still_alive: Callable[[], object] = lambda: None,
        proofs: bool = False,
    ) -> None:
        self._path, self._open_device, self._link = path, open_device, link
        self._monotonic, self._still_alive, self._proofs = monotonic, still_alive, proofs
        self._presentations = Presentations()
        self._device: Any = None
        self._reported_state: str | None = None  # "online" or "offline", as last reported
        self._reported_problem: Problem | None = None
        self._last_problem: Problem | None = None
        self._unsupported: set[str] = set()
        self._polls = 0
        self._heartbeat_ms = self._open_ms = self._now()
        self._retry_ms = FIRST_RETRY_MS
        self._online_ms = 0
        self._odd_since: int | None = None
        self._indication_off_ms: int | None = None
        self._felica_at_424 = False

    @property
    def _bitrate(self) -> str:
        """The bit rate at which the FeliCa card was seen."""
        return "424F" if self._felica_at_424 else "212F"

    def run(self) -> None:
        """Run until the door closes its end. The reader is closed cleanly, or it may not open again."""
        try:
            while not self._link.closed:
                self.step()
        except KeyboardInterrupt:
            pass
        finally:
            self._close()

    def step(self) -> None:
        started = self._now()
        self._heartbeat(started)
        if self._device is not None:
            self._cycle()
        elif started >= self._open_ms:
            self._try_open()
        took = self._now() - started
        pause = CYCLE_MS if self._device is not None else 10 * CYCLE_MS
        for message in self._link.hear((pause - took) / 1000):
            self._obey(message)

    def _heartbeat(self, now_ms: int) -> None:
        if now_ms >= self._heartbeat_ms:
            self._heartbeat_ms = now_ms + HEARTBEAT_MS
            self._link.send(BridgeHeartbeat(self._polls))
            self._still_alive()

    def _try_open(self) -> None:
        try:
            self._device = self._open_device()
            self._unsupported = set()
            self._odd_since = None
        except OSError as error:
            self._lost(problem_of(error))
        except Exception:
            self._lost(Problem(ProblemCode.OPENS_WITH_NONSENSE))

    def _cycle(self) -> None:
        seen = self._poll_all()
        if isinstance(seen, Lost):
            self._lost(seen.problem)
            return
        now = self._now()
        if not self._makes_sense(seen is Blank.ODD, now):
            self._lost(Problem(ProblemCode.ANSWERS_NONSENSE))
            return
        self._online(now)
        message = self._presentations.update(seen if isinstance(seen, Sighting) else None, now)
        if message is not None and not self._link.send(message) and isinstance(message, CardFound):
            self._presentations.withdraw(message.presentation)
        if self._indication_off_ms is not None and now >= self._indication_off_ms:
            self._indication_off_ms = None
            with contextlib.suppress(Exception):  # a lost reader shows at the next poll
                self._device.turn_off_led_and_buzzer()

    def _poll_all(self) -> CardPoll:
        """Poll for each technology, until one finds a card."""
        self._polls += 1
        around = switch_field_off(self._device)
        if isinstance(around, Lost):
            return around
        for bitrate in self._bitrates():
            seen = poll_card(self._device, bitrate)
            if isinstance(seen, Sighting):
                self._felica_at_424 = bitrate == "424F"
                return seen
            if isinstance(seen, Lost):
                return seen
            if seen is Blank.UNSUPPORTED:
                self._unsupported.add(bitrate)
            if seen is Blank.ODD:
                around = seen
        return around

    def _bitrates(self) -> list[str]:
        """FeliCa first: a phone or hybrid card shows its permanent number there."""
        wanted = ["212F"]
        if self._felica_at_424 or (self._path.startswith("udp:") and self._polls % RARE_CYCLES == 0):
            wanted.append("424F")
        if not self._presentations.holds_felica:
            wanted.append("106A")
        return [bitrate for bitrate in wanted if bitrate not in self._unsupported]

    def _makes_sense(self, odd: bool, now_ms: int) -> bool:
        """Return False after ODD_MS of only odd answers, or if the reader can poll for no card."""
        if not odd:
            self._odd_since = None
        elif self._odd_since is None:
            self._odd_since = now_ms
        deaf = {"212F", "106A"} <= self._unsupported
        return not deaf and (self._odd_since is None or now_ms - self._odd_since < ODD_MS)

    def _online(self, now_ms: int) -> None:
        """Report the reader online after a whole cycle, not after opening: a reader that fails its first poll
        was never back.
        """
        if self._reported_state == "online":
            if now_ms - self._online_ms >= HEALTHY_MS:
                self._retry_ms = FIRST_RETRY_MS
        elif self._link.send(DeviceOnline(_plain(str(self._device)))):
            self._reported_state, self._online_ms = "online", now_ms

    def _lost(self, problem: Problem) -> None:
        self._close()
        self._open_ms = self._now() + self._retry_ms
        self._retry_ms = min(2 * self._retry_ms, LAST_RETRY_MS)
        lasting, self._last_problem = problem == self._last_problem, problem
        if self._reported_state == "offline" and (problem == self._reported_problem or not lasting):
            return
        # An unplugged reader first answers with errors, then is not there: report the problem that stays.
        if self._link.send(DeviceOffline.of(problem.at(_plain(self._path)))):
            self._reported_state, self._reported_problem = "offline", problem

    def _close(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            with contextlib.suppress(Exception):
                device.close()

    def _obey(self, message: ToBridge) -> None:
        match message:
            case NumberOnly() | ProveKey():
                self._answered(message)
            case ReadSunMessage(presentation):
                self._read_sun_message(presentation)
            case ShowIndication("granted") if self._device is not None:
                self._indication_off_ms = self._now() + INDICATION_MS
                with contextlib.suppress(Exception):
                    self._device.turn_on_led_and_buzzer()

    def _answered(self, answer: NumberOnly | ProveKey) -> None:
        """Check the card between two polls, with a heartbeat before each attempt. An exchange takes less than
        a second, and no card can make it longer.
        """
        card = self._presentations.answered(answer.presentation, self._now())
        if card is None:
            return
        proves, refused = isinstance(answer, ProveKey), None
        try:
            if proves or (self._proofs and card.is_lite_s):
                refused = self._check_card(card, answer)
        except OSError as error:
            self._lost(problem_of(error))
            refused = "card_unreadable"
        if refused is None:
            assurance = PROVED if proves else 0
            self._link.send(CardRead(answer.presentation, card.kind, card.number, assurance))
        else:
            self._link.send(CardRejected(answer.presentation, refused, card.number))

    def _read_sun_message(self, presentation: int) -> None:
        """Read the card's SUN message, with a heartbeat before each attempt (see `_answered`)."""
        from firmware_bridge.nfc.card_check import CardCheck
        from firmware_bridge.nfc.sun_url import SunMessage

        card = self._presentations.answered(presentation, self._now())
        if card is None:
            return
        word: SunMessage | str = "card_unreadable"
        try:
            if self._device is not None:
                asking = CardCheck(self._device, "106A", card, lambda: self._heartbeat(self._now()))
                word = asking.read_sun_message()
        except OSError as error:
            self._lost(problem_of(error))
        if isinstance(word, SunMessage):
            sun_data, mac = word.sun_data.hex().upper(), word.mac.hex().upper()
            self._link.send(
                SunMessageRead(
                    presentation=presentation, kind=card.kind, number=card.number, sun_data=sun_data, mac=mac
                )
            )
        else:
            self._link.send(CardRejected(presentation, word, card.number))

    def _check_card(self, card: Sighting, answer: NumberOnly | ProveKey) -> str | None:
        """Return why the card is rejected, or None."""
        from firmware_bridge.nfc.card_check import CardCheck  # its ciphers weigh more than all the rest

        if self._device is None:
            return "card_unreadable"
        asking = CardCheck(self._device, self._bitrate, card, lambda: self._heartbeat(self._now()))
        if isinstance(answer, ProveKey):
            return asking.check_proof(answer.key, answer.key_version)
        return asking.check_issuing()

    def _now(self) -> int:
        return int(self._monotonic() * 1000)


def _plain(text: str) -> str:
    """The device's own name is foreign text: keep printable ASCII, short enough for a line."""
    return "".join(c if " " <= c <= "~" else "?" for c in text)[:120]
