"""Python runs this at the start of every process of a demo.

Its door refuses nobody because the disk of a busy machine is slow; that nobody waits longer than two seconds
is asked of a disk that is slow on purpose.
"""

import sys

if sys.orig_argv[1:4] == ["-m", "controller.main", "door"]:
    from controller.runtime import grants

    grants.DURABLE_WITHIN_MS = 60_000
