"""The `genkan` program."""

import gc
import sys
from pathlib import Path

from controller.errors import GenkanError


def main(arguments: list[str] | None = None) -> None:
    """Exit status 0 done, 1 failed or refused, 2 usage; an error is one sentence on stderr."""
    words = sys.argv[1:] if arguments is None else arguments
    match words:
        case ["door", "--config", file] if file:
            _door(Path(file))
        case _:
            from controller.commands.genkan import run_command

            run_command(words)


def _door(file: Path) -> None:
    """systemd runs this. It bypasses the command line library and so saves a sixth of the time until the
    first decision.

    The garbage collector is off until the door has started (`DoorService.run`): imports leave nothing to
    free.
    """
    gc.disable()
    from controller.assembly import run_door
    from controller.config import load_or_last_good

    try:
        sys.exit(run_door(*load_or_last_good(file)))
    except (GenkanError, OSError) as error:
        print(f"genkan: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
