import os
from pathlib import Path

import pytest

from controller.config import load
from controller.model.operators import MACHINE
from controller.runtime.clock import Clock
from controller.services.log import changes
from controller.services.site import Site
from firmware_bridge.osdp import install, keys
from tests.controller.commands.command import done, genkan
from tests.scenarios.osdp_site import make_osdp_site, osdp_config


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_osdp_site(tmp_path / "data", keyed=False).close()
    return tmp_path / "data"


def test_install_makes_a_private_key_and_opens_the_window_for_this_boot(data: Path) -> None:
    output = done(genkan("osdp", "install", "--reader", "entrance-in", "--data", data)).text
    folder = data / "keys" / "door" / "osdp"
    key = keys.load(folder, "entrance-in")
    assert "ten minutes" in output and key.hex() not in output
    assert install.is_open(folder, "entrance-in", install.this_boot(), install.boot_ms())
    assert not install.is_open(folder, "entrance-out", install.this_boot(), install.boot_ms())
    for name in ("entrance-in.key", "entrance-in.install"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_install_by_the_command_is_an_operators_action(data: Path) -> None:
    done(genkan("osdp", "install", "--reader", "entrance-in", "--data", data))
    with Site.open(load(data / "genkan.toml"), Clock().now) as site:
        newest = changes.page(site.acting(MACHINE))[0]
    assert (newest.action, newest.object_id) == ("install_ordered", "entrance-in")


def test_check_says_what_a_lock_on_a_reader_means(tmp_path: Path) -> None:
    config = osdp_config().replace("lock_pin = 17", 'lock_reader = "entrance-in"')
    make_osdp_site(tmp_path / "x", config.replace("rex_releases = true", "rex_releases = false")).close()
    output = genkan("check", "--config", tmp_path / "x" / "genkan.toml").text
    (line,) = [line for line in output.splitlines() if " locks: " in line]
    assert (
        "entrance by the relay in reader entrance-in: anyone who opens that reader reaches the lock's" in line
    )
    assert "while its line is down the door admits nobody" in line and "by its handle alone" in line


def test_key_is_not_replaced_by_mistake(data: Path) -> None:
    words = ["osdp", "install", "--reader", "entrance-in", "--data", data]
    done(genkan(*words))
    folder = data / "keys" / "door" / "osdp"
    key = keys.load(folder, "entrance-in")
    install.close_window(folder, "entrance-in")
    refused = genkan(*words)
    assert refused.status == 1 and "--again" in refused.err
    assert keys.load(folder, "entrance-in") == key
    assert not install.window_file(folder, "entrance-in").exists()
    done(genkan(*words, "--again"))
    assert keys.load(folder, "entrance-in") != key


def test_reader_that_speaks_no_osdp_is_refused(data: Path) -> None:
    refused = genkan("osdp", "install", "--reader", "nobody", "--data", data)
    assert refused.status == 1 and "not an OSDP reader" in refused.err


def test_check_names_the_reader_without_a_key(data: Path) -> None:
    output = genkan("check", "--config", data / "genkan.toml").text
    assert "FAIL  readers: entrance-in has no key yet; set it to install mode and give" in output
    for reader in ("entrance-in", "entrance-out"):
        done(genkan("osdp", "install", "--reader", reader, "--data", data))
    assert (
        "ok    readers: entrance-in at osdp:pty:line-1:0"
        in genkan("check", "--config", data / "genkan.toml").text
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make the folder another's")
def test_key_belongs_to_anyone_who_owns_the_doors_keys(data: Path) -> None:
    os.chown(data / "keys" / "door", 12_345, 23_456)
    (data / "keys" / "door" / "osdp").rmdir()
    done(genkan("osdp", "install", "--reader", "entrance-in", "--data", data))
    for name in (".", "entrance-in.key", "entrance-in.install"):
        stat = (data / "keys" / "door" / "osdp" / name).stat()
        assert (stat.st_uid, stat.st_gid) == (12_345, 23_456)
