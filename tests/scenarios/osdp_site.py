"""A site whose readers are on a virtual RS-485 line: the door in this process, the bridge and the line in
theirs, as in the demo."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from controller.assembly import DoorService
from controller.config import load
from controller.runtime.clock import Clock
from controller.services.site import Site
from firmware_bridge.osdp import keys
from firmware_bridge.simulator import osdp_control
from tests.controller.site import CONFIG
from tests.controller.site import Door as _Door
from tests.patience import PATIENT

CARD = "1A0048D159"  # 26 bits, as a bridge says it
CARD_BITS, CARD_DATA = 26, (0x48D159 << 6).to_bytes(4, "big")


def osdp_config(path_in: str = "osdp:pty:line-1:0", path_out: str = "osdp:pty:line-1:1") -> str:
    return CONFIG.replace("udp:127.0.0.1:1", path_in).replace("udp:127.0.0.1:2", path_out)


def make_osdp_site(data: Path, config: str | None = None, keyed: bool = True) -> Site:
    """`keyed`: both readers have their keys already."""
    data.mkdir(parents=True)
    (data / "genkan.toml").write_text(config or osdp_config(), "utf-8")
    loaded = load(data / "genkan.toml")
    Site.init(loaded)
    (data / "simulator").mkdir()
    folder = data / "keys" / "door" / "osdp"
    folder.mkdir()
    for reader in loaded.readers if keyed else ():
        keys.store(osdp_control.key_file(data / "simulator", reader), keys.make(folder, reader))
    return Site.open(loaded, Clock().now)


class OsdpDoor(_Door):
    """With its real readers, on which the test holds cards."""

    def __init__(self, site: Site, stack: contextlib.ExitStack) -> None:
        self.site = site
        self.service = DoorService(site.config, stack, limits=PATIENT)
        self.service.start()

    def hold(self, reader: str, bits: int = CARD_BITS, data: bytes = CARD_DATA) -> None:
        osdp_control.present(self.site.config.data / "simulator", "line-1", reader, bits, data)

    @property
    def simulator(self) -> Path:
        return self.site.config.data / "simulator"


@contextlib.contextmanager
def osdp_door(site: Site) -> Iterator[OsdpDoor]:
    with contextlib.ExitStack() as stack:
        door = OsdpDoor(site, stack)
        try:
            yield door
        finally:
            door.service.stop()
