"""genkan.toml as typed fields, a file for each section; `deploy/genkan.example.toml` shows all keys."""

from controller.config.doors import AccessPointConfig, DoorConfig
from controller.config.file import Config, load
from controller.config.last_good import LAST_GOOD, keep_as_last_good, load_or_last_good, source_of
from controller.config.log import Log
from controller.config.paths import OsdpPath, serial_port
from controller.config.people import People
from controller.config.readers import ReaderConfig, osdp_readers
from controller.config.site import SiteConfig
from controller.config.web import Web

__all__ = [
    "LAST_GOOD",
    "AccessPointConfig",
    "Config",
    "DoorConfig",
    "Log",
    "OsdpPath",
    "People",
    "ReaderConfig",
    "SiteConfig",
    "Web",
    "keep_as_last_good",
    "load",
    "load_or_last_good",
    "osdp_readers",
    "serial_port",
    "source_of",
]
