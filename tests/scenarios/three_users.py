"""A demo whose services run as three Unix users: the product itself gives them its folder."""

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.commands.demo_config import demo_config
from controller.config import load
from controller.runtime.clock import Clock
from controller.services import demo
from controller.services.data_folder.layout import Owner
from controller.services.data_folder.owners import Owners
from controller.services.data_folder.permissions import correct_all
from controller.services.site import Site
from tests.architecture.source_tree import ROOT
from tests.ports import free_port

# No user of any machine: the kernel needs numbers only.
USERS = Owners(door=64_101, registrar=64_102, web=64_103, services=64_110, keys=64_111)


@contextlib.contextmanager
def folder_of_three_users(release_time: str = "5.0") -> Iterator[Path]:
    """A demo's data folder with sample people. Skips where this process cannot become other users."""
    if os.geteuid() != 0 or not _can_be_others():
        pytest.skip("needs root to run each service as a user of its own")
    parent = Path(tempfile.mkdtemp(prefix="genkan-users-"))
    try:
        parent.chmod(0o755)  # the folders of pytest are closed to other users
        data = parent / "data"
        data.mkdir()
        config = demo_config(free_port()).replace("release_time = 5.0", f"release_time = {release_time}")
        (data / "genkan.toml").write_text(config, "utf-8")
        loaded = load(data / "genkan.toml")
        Site.init(loaded, Clock().now())
        with Site.open(loaded, Clock().now) as site:
            demo.fill(site, site.now(), "en")
        for _ in correct_all(data, USERS, is_demo=True):
            pass
        yield data
    finally:
        shutil.rmtree(parent)


def run_as(owner: Owner, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    process = start_as(owner, script, *arguments)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def start_as(owner: Owner, script: str, *arguments: str) -> "subprocess.Popen[str]":
    """A Python program of this user, whose standard input is a pipe."""
    return subprocess.Popen(
        [*before(owner), sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def before(owner: Owner) -> list[str]:
    """What to put in front of a command, so that it runs as this user."""
    user = USERS.identity(owner)
    assert user is not None
    groups = ",".join(map(str, sorted(user.groups)))
    return [*open_to_others(), "setpriv", f"--reuid={user.uid}", f"--regid={user.gid}", f"--groups={groups}"]


@functools.cache
def open_to_others() -> tuple[str, ...]:
    """What to put in front of a command, so that other users find Python and this program.

    Where they are below a folder that is closed to others, such as /root, the command gets its own view of
    the file system, with nothing else in that folder.
    """
    needed = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), ROOT.resolve()}
    closed = {one for path in needed for one in path.parents if not one.stat().st_mode & 0o001}
    if not closed:
        return ()
    top = min(closed, key=lambda path: len(path.parts))
    inside = sorted(str(path) for path in needed if top in path.parents)
    lines = ["set -e", "kept=$(mktemp -d)", 'mount -t tmpfs genkan "$kept"']
    for number, path in enumerate(inside):
        lines += [f'mkdir "$kept/{number}"', f'mount --bind "{path}" "$kept/{number}"']
    lines.append(f'mount -t tmpfs -o mode=755 genkan "{top}"')
    for number, path in enumerate(inside):
        lines += [f'mkdir -p "{path}"', f'mount --bind "$kept/{number}" "{path}"']
    lines += ['umount --lazy "$kept"', 'rmdir "$kept"', 'exec "$@"']
    return ("unshare", "--mount", "sh", "-c", "\n".join(lines), "sh")


def _can_be_others() -> bool:
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        return False
    tried = run_as(Owner.WEB, "import controller")
    return tried.returncode == 0
