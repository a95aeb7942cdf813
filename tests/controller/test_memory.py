"""What the start used and nobody needs again goes back to the system."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from controller.memory import _code_areas

SMAPS = b"""\
7f10000-7f20000 r-xp 00001000 fe:00 1234                       /usr/lib/libcrypto.so.3
Size:                 64 kB
Anonymous:             0 kB
7f20000-7f30000 r--p 00011000 fe:00 1234                       /usr/lib/libcrypto.so.3
Anonymous:             8 kB
7f30000-7f40000 rw-p 00021000 fe:00 1234                       /usr/lib/libcrypto.so.3
Anonymous:             0 kB
7f40000-7f50000 r--s 00000000 fe:00 1235                       /var/lib/genkan/registry/registry.db-shm
Anonymous:             0 kB
7f50000-7f60000 r--p 00000000 00:00 0
Anonymous:             0 kB
7f60000-7f70000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
"""
_CHILD = """
import os, sqlite3, hashlib, json, decimal
from controller.memory import give_code_back

def pages():
    return int(next(l for l in open("/proc/self/status") if l.startswith("RssFile")).split()[1])

before = pages()
give_code_back()
after = pages()
assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442") and decimal.Decimal(1) / 3 > 0
sqlite3.connect(":memory:").execute("SELECT 1")
print(before, after)
"""


def test_only_unchanged_code_of_files_is_given_back() -> None:
    assert _code_areas(SMAPS) == [(0x7F10000, 0x7F20000)]


@pytest.mark.process
def test_process_works_on_with_less_memory() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    child = subprocess.run(
        [sys.executable, "-c", _CHILD], env=environment, capture_output=True, text=True, check=True
    )
    before, after = map(int, child.stdout.split())
    assert after < before / 2
