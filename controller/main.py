"""The `genkan` program."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from controller.errors import GenkanError

if TYPE_CHECKING:
    from controller.commands.program import Program


def main(arguments: list[str] | None = None, program: "Program | None" = None) -> None:
    """Exit status 0 done, 1 failed or refused, 2 usage; an error is one sentence on stderr.

    `program` has the limits of the door and of the commands, if they are not the usual ones.
    """
    os.umask(os.umask(0o077) | 0o022)  # nobody but its owner writes a file that Genkan creates
    words = sys.argv[1:] if arguments is None else arguments
    match words:
        case ["door", "--config", file] if file:
            _door(Path(file), program)
        case _:
            from controller.commands.genkan import run_command
            from controller.commands.program import Program

            run_command(words, program or Program())


def _door(file: Path, program: "Program | None") -> None:
    """systemd runs this. It bypasses the command line library and so saves a sixth of the time until the
    first decision.

    The garbage collector is off until the door has started (`DoorService.run`): imports leave nothing to
    free.
    """
    gc.disable()
    from controller.assembly import run_door
    from controller.config import load_or_last_good
    from controller.runtime.limits import USUAL

    try:
        sys.exit(run_door(*load_or_last_good(file), USUAL if program is None else program.limits))
    except (GenkanError, OSError) as error:
        print(f"genkan: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
