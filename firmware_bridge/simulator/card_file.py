"""A virtual FeliCa Lite-S card that outlives the process that holds it: its memory in a file of its own.

So one command writes a key onto it and another presents it. The file holds the card key, as a card does; keep
it as you would keep the card.
"""

import json
import os
from pathlib import Path

from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory

_MOST_BYTES = 64 * 1024


def new_card(file: Path, idm: str) -> LiteSFace:
    """As from the factory. Raises FileExistsError, other OSErrors, and ValueError for what is no IDm."""
    number = bytes.fromhex(idm)
    if len(number) != 8:
        raise ValueError(f"{idm[:40]!r} is not an IDm; write 16 hexadecimal digits.")
    file.open("x").close()
    memory = LiteSMemory(number)
    _save(file, memory)
    return LiteSFace(memory, lambda: _save(file, memory))


def card_of(file: Path) -> LiteSFace:
    """What it has been told so far. Raises OSError, and ValueError with a sentence."""
    try:
        with file.open("rb") as opened:
            kept = json.loads(opened.read(_MOST_BYTES))
        blocks = {int(block, 16): bytes.fromhex(data) for block, data in kept["blocks"].items()}
        memory = LiteSMemory(bytes.fromhex(kept["idm"]), blocks, int(kept["count"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{file} is not a virtual card; give one that --card has made.") from error
    return LiteSFace(memory, lambda: _save(file, memory))


def _save(file: Path, memory: LiteSMemory) -> None:
    """Whole or not at all: a card pulled away half-way has each block as it was or as it was written."""
    kept = {
        "idm": memory.idm.hex().upper(),
        "count": memory.count,
        "blocks": {f"{block:02X}": data.hex().upper() for block, data in sorted(memory.blocks.items())},
    }
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        json.dump(kept, opened, indent=1)
    new.replace(file)
