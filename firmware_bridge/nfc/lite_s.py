"""Commands to a FeliCa Lite-S card in the field of an nfcpy device: read and write blocks, with MAC or
without.

Every wait is capped, and every answer of the card becomes a value or a CardTrouble. Only OSError passes: then
the reader itself is lost. We do not use nfcpy's own classes for this card: they write keys to the log, raise
TypeError on a wrong MAC, and accept keys as text only.
"""

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import nfc.clf

from firmware_bridge.nfc import lite_s_mac
from firmware_bridge.nfc.lite_s_blocks import (
    BLOCK_BYTES,
    IC_CODES,
    MAC_A,
    MOST_READ,
    RC,
    READ,
    READ_ONLY,
    READ_WRITE,
    WRITE,
)
from firmware_bridge.nfc.lite_s_mac import MAC_BYTES, Session

ANSWER_SECONDS = 0.05
TRIES = 3  # a frame may be lost in the air …
PATIENCE_SECONDS = 0.15  # … but no command is repeated after so long
_WORN = 0x71  # status of a successful write to a card that wears out (WCNT is high)


class CardTrouble(Exception):
    """The card did not carry out the command; the text holds nothing the card sent."""


class CardSilent(CardTrouble):
    """The card left the field, or stopped answering."""


class CardWrong(CardTrouble):
    """The card answered, and the answer is wrong: another card, another key, or not a Lite-S at all.

    `status` holds its two status flags if it refused the command properly, such as 0x02B2.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text if status is None else f"{text} (status {status:04X})")
        self.status = status


class CardUnasked(CardTrouble):
    """This reader passes no commands to a card."""


class LiteSCard:
    """`target` is the result of nfcpy's `sense_ttf` on `device`. Any FeliCa card may be behind it."""

    def __init__(self, device: Any, target: Any, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._device, self._target, self._monotonic = device, target, monotonic
        answer = bytes(target.sensf_res)
        if len(answer) < 17 or answer[0] != 1:
            raise CardWrong("its answer to polling is invalid")
        self.idm, self.pmm = answer[1:9], answer[9:17]
        self._session: Session | None = None

    @property
    def is_lite_s(self) -> bool:
        """The card's own claim, which proves nothing."""
        return self.pmm[1] in IC_CODES

    def read(self, *blocks: int) -> list[bytes]:
        """Return one to four blocks, 16 bytes each, without a MAC: any device may have sent them."""
        body = b"\x01" + READ_ONLY + _block_list(blocks)
        answer = self._command(READ, body, TRIES)
        if len(answer) != 1 + BLOCK_BYTES * len(blocks) or answer[0] != len(blocks):
            raise CardWrong("it answered with another number of blocks")
        return [answer[i : i + BLOCK_BYTES] for i in range(1, len(answer), BLOCK_BYTES)]

    def write(self, block: int, data: bytes) -> None:
        """Write 16 bytes. The write may be done although CardSilent is raised: the card's answer was lost."""
        self._command(WRITE, b"\x01" + READ_WRITE + _block_list([block]) + _whole(data), TRIES)

    def challenge(self, card_key: bytes) -> None:
        """Send the card a fresh random challenge; later reads and writes with MAC belong to it."""
        challenge = os.urandom(lite_s_mac.CHALLENGE_BYTES)
        self._session = None
        self.write(RC, lite_s_mac.challenge_block(challenge))
        self._session = lite_s_mac.session(card_key, challenge)

    def read_with_mac(self, *blocks: int) -> list[bytes]:
        """Return one to three blocks, verified by MAC_A under the key of `challenge`."""
        *data, mac = self.read(*blocks, MAC_A)
        expected = lite_s_mac.read_mac_a(self._shared(), blocks, b"".join(data))
        if not lite_s_mac.same(mac[:MAC_BYTES], expected):
            raise CardWrong("its MAC is wrong")
        return data

    def write_with_mac(self, block: int, data: bytes, write_count: int) -> None:
        """`write_count` is the card's WCNT as just read. Sent once: the MAC is not valid a second time."""
        mac = lite_s_mac.write_mac_a(self._shared(), block, _whole(data), write_count)
        vouched = mac + write_count.to_bytes(3, "little") + bytes(5)
        body = b"\x01" + READ_WRITE + _block_list([block, MAC_A]) + data + vouched
        self._command(WRITE, body, 1)

    def _shared(self) -> Session:
        if self._session is None:
            raise RuntimeError("the card has no challenge yet")
        return self._session

    def _command(self, code: int, body: bytes, tries: int) -> bytes:
        """Return the answer after its status flags."""
        command = bytes([10 + len(body), code]) + self.idm + body
        answer = self._exchange(bytearray(command), tries)
        if len(answer) < 12 or answer[0] != len(answer) or answer[1] != code + 1:
            raise CardWrong("its answer does not fit the command")
        if answer[2:10] != self.idm:
            raise CardWrong("another card answered")
        status = int.from_bytes(answer[10:12], "big")
        if status and not (code == WRITE and answer[11] == _WORN):
            raise CardWrong("it refused the command", status)
        return answer[12:]

    def _exchange(self, command: bytearray, tries: int) -> bytes:
        until = self._monotonic() + PATIENCE_SECONDS
        for attempt in range(tries):
            if attempt and self._monotonic() >= until:
                break
            try:
                return bytes(self._device.send_cmd_recv_rsp(self._target, command, ANSWER_SECONDS))
            except OSError:
                raise
            except nfc.clf.UnsupportedTargetError as error:
                raise CardUnasked("the reader passes nothing on to it") from error
            except nfc.clf.CommunicationError:  # no answer, or a damaged one
                continue
            except Exception as error:  # IndexError, TypeError, ValueError … raised by what the card sent
                raise CardWrong("its answer is not a frame") from error
        raise CardSilent("it does not answer")


def sense(device: Any, bitrate: str = "212F") -> LiteSCard | None:
    """Return the FeliCa card in the field, if there is one; of several, one."""
    try:
        target = device.sense_ttf(nfc.clf.RemoteTarget(bitrate))
        return LiteSCard(device, target) if target else None
    except OSError:
        raise
    except Exception:  # no card, or one that answers nonsense
        return None


def _block_list(blocks: Sequence[int]) -> bytes:
    if not 1 <= len(blocks) <= MOST_READ:
        raise ValueError("one to four blocks")
    return bytes([len(blocks)]) + b"".join(bytes([0x80, block]) for block in blocks)


def _whole(data: bytes) -> bytes:
    if len(data) != BLOCK_BYTES:
        raise ValueError("a block is 16 bytes")
    return data
