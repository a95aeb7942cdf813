"""A virtual FeliCa Lite-S card that outlives the process that holds it: its memory is in a file of its own.

So one command writes a key onto it and another presents it. The file holds the card key, as a card does;
protect it like the card.
"""

import json
import os
from pathlib import Path

from firmware_bridge.simulator.lite_s import LiteSFace
from firmware_bridge.simulator.lite_s_memory import LiteSMemory

_MOST_BYTES = 64 * 1024


def new_card(file: Path, idm: str) -> LiteSFace:
    """Create a card in its factory state. Raises FileExistsError, other OSErrors, and ValueError for an
    invalid IDm.
    """
    number = bytes.fromhex(idm)
    if len(number) != 8:
        raise ValueError(f"{idm[:40]!r} is not an IDm; write 16 hexadecimal digits.")
    file.open("x").close()
    memory = LiteSMemory(number)
    _save(file, memory)
    return LiteSFace(memory, lambda: _save(file, memory))


def card_of(file: Path) -> LiteSFace:
    """Read the card with what was written so far. Raises OSError, and ValueError with a sentence."""
    try:
        with file.open("rb") as opened:
            kept = json.loads(opened.read(_MOST_BYTES))
        blocks = {int(block, 16): bytes.fromhex(data) for block, data in kept["blocks"].items()}
        memory = LiteSMemory(bytes.fromhex(kept["idm"]), blocks, int(kept["count"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{file} is not a virtual card; give one that --card created.") from error
    return LiteSFace(memory, lambda: _save(file, memory))


def _save(file: Path, memory: LiteSMemory) -> None:
    """Write the file completely or not at all, so that a card pulled away half-way has whole blocks."""
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
