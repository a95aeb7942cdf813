"""The registrar's process: it takes the lock, opens the registry, listens, and ends on SIGTERM or SIGINT."""

import contextlib
import gc
import logging
import signal
import threading
from collections.abc import Callable, Iterator

from controller.config import Config
from controller.errors import AlreadyRunning, GenkanError, InstallerError, RegistrarUnavailable
from controller.memory import give_code_back, give_memory_back
from controller.model.moment import Moment
from controller.model.operators import NOBODY
from controller.registrar.chores import RegistrarChores
from controller.registrar.server import RegistrarServer
from controller.registry.lock import (
    earlier_registrar,
    holder_of,
    private_lock,
    remove_earlier_locks,
    try_lock,
)
from controller.services.access import holidays
from controller.services.operators.sign_in_requests import FindSession
from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import FOLDER, machine_socket
from controller.services.site import Site
from controller.systemd import notify

log = logging.getLogger(__name__)
WATCHDOG_S = 5.0  # WatchdogSec= of the unit is four times this
_ANSWERED_S = 10.0


def run_registrar(config: Config, now: Callable[[], Moment]) -> int:
    """Return the exit status. `now` reads the clock (`Clock().now`)."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    give_memory_back()
    with _alone(config), Site.open(config, now) as site:
        _renew_holidays(site)
        server = RegistrarServer(site)
        server.start()
        gc.collect()
        gc.freeze()
        notify("READY=1")
        give_code_back()
        with RegistrarChores(site) as chores:
            watch(server, chores, site, ended)
        notify("STOPPING=1")
        server.end()
    return 0 if ended.is_set() else 1


def watch(
    server: RegistrarServer,
    chores: RegistrarChores,
    site: Site,
    ended: threading.Event,
    *,
    period_s: float = WATCHDOG_S,
) -> None:
    """Until the end, report to systemd as often as the registrar answers a request of its own.

    It is also the end if a thread dies: systemd starts the registrar again.
    """
    while server.is_alive and chores.is_alive and not ended.wait(period_s):
        if _is_answered(site):
            notify("WATCHDOG=1")


def _is_answered(site: Site) -> bool:
    """Whether a new connection gets an answer, by the way that every request takes.

    The request reads no file: another start does not mend a stalled disk.
    """
    link = SocketLink(machine_socket(site.config.data), most_s=_ANSWERED_S)
    try:
        link.send(site.acting(NOBODY), FindSession(session="", by_hand=False))
    except RegistrarUnavailable:
        return False
    except GenkanError:
        return True  # too many connections, which is an answer
    finally:
        link.close()
    return True


@contextlib.contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Hold registry/private/registrar.lock for life. Raise AlreadyRunning where another registrar does."""
    folder = config.data / FOLDER
    try:
        folder.mkdir(mode=0o750, exist_ok=True)  # a folder of an earlier version has none
    except OSError as error:
        raise InstallerError(
            f"{folder} cannot be created ({error.strerror}); see deploy/README.md, the data folder."
        ) from error
    registry = config.data / "registry"
    file = private_lock(registry, "registrar")
    with try_lock(file) as free:
        by = earlier_registrar(registry) if free else holder_of(file) or "process unknown"
        if by is not None:
            raise AlreadyRunning(
                f"{config.data}: another registrar is running on this data folder, {by}; stop it first."
            )
        remove_earlier_locks(registry)
        yield


def _renew_holidays(site: Site) -> None:
    """A rule book that this version does not understand must not keep the registrar from its other work."""
    try:
        holidays.renew(site, site.now())
    except (GenkanError, ValueError) as error:
        log.warning("the holidays of further years could not be added: %s", error)
