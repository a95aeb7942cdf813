"""The door service on gpiozero's real backend, with a stub for lgpio, started as its unit starts it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from controller.journal.export.lines import lines
from controller.journal.query import JournalReader
from tests.controller.commands.command import done, genkan
from tests.controller.drivers.child import ROOT, STUB
from tests.waiting import LONG, until

CONFIG = """
[web]
host = "127.0.0.1"
[doors.entrance]
lock_pin = 17
rex_pin = 22
"""
# The real lgpio creates its pipe in LG_WD when it is imported; the board's revision is in a file of a Pi.
LGPIO = "import os\nos.mkfifo(os.path.join(os.environ['LG_WD'], '.lgd-nfy0'))\n"
PROGRAM = """
import sys
from pathlib import Path
import gpiozero.pins.local
gpiozero.pins.local.get_pi_revision = lambda: 0xA02082
from controller.assembly import run_door
from controller.config import load
sys.exit(run_door(load(Path(sys.argv[1]))))
"""
NOT_WRITABLE = "/proc"  # not even by root


def starts(data: Path) -> int:
    with JournalReader(data / "journal" / "journal.db") as journal:
        return sum(line["type"] == "service_started" for line in lines(journal, 0))


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(600)])])
def test_door_started_in_a_folder_that_cannot_be_written_claims_its_pins(tmp_path: Path, times: int) -> None:
    data, memory, library = tmp_path / "data", tmp_path / "run", tmp_path / "library"
    for folder in (data, memory, library):
        folder.mkdir()
    (data / "genkan.toml").write_text(CONFIG)
    done(genkan("init", "--data", data))
    (library / "lgpio.py").write_text(LGPIO + (STUB / "lgpio.py").read_text())
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(library)]),
        "RUNTIME_DIRECTORY": str(memory),
    }
    for number in range(1, times + 1):
        output = tmp_path / "output"
        with output.open("wb") as target:
            door = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(data / "genkan.toml")],
                cwd=NOT_WRITABLE,
                env=environment,
                stdout=target,
                stderr=subprocess.PIPE,
            )
        until(lambda: starts(data) == number or door.poll() is not None)  # noqa: B023
        door.send_signal(signal.SIGTERM)
        _, errors = door.communicate(timeout=LONG)
        assert door.returncode == 0, errors.decode()
        calls = [json.loads(line) for line in output.read_text().splitlines()]
        claimed = {(call["gpio"], call["call"]) for call in calls}
        assert {(17, "gpio_claim_output"), (22, "gpio_claim_input")} <= claimed
        (memory / ".lgd-nfy0").unlink()
