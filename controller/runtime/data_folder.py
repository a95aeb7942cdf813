"""Whether the data folder keeps the log over a restart of the machine."""

import logging

from controller.config import Config
from controller.durable import volatile_file_system
from controller.model.events import Event, EventType
from controller.model.moment import Moment

log = logging.getLogger(__name__)


def folder_alarm(config: Config, now: Moment) -> Event | None:
    """The alarm about a data folder on tmpfs or an overlay. A demo may run anywhere."""
    found = None if config.site.demo else volatile_file_system(config.data / "journal")
    if found is None:
        return None
    log.error("%s is on %s: a restart may erase the log", config.data, found)
    return Event(EventType.DATA_NOT_KEPT, now, codes={"file_system": found})
