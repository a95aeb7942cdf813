"""`genkan check`, the line "door": what the running door itself reports."""

import contextlib

from controller.config import Config
from controller.errors import GenkanError


def check_door(config: Config) -> str:
    """What the running door itself finds wrong: it may have found more than this command."""
    from controller.journal.alive import is_door_alive
    from controller.journal.state import ServiceState, read
    from web.words.causes import FAILURE_CAUSES

    folder = config.data / "journal"
    if not is_door_alive(folder):
        return "not running now"
    state = read(folder) or ServiceState()
    problems = []
    if state.journal != "ok":
        cause = FAILURE_CAUSES.get(state.journal_cause or "", "cause unknown")
        if holder := state.held_by or state.journal_detail:
            cause = f"{cause}: {holder}"
        entries = "remembers entries for a time" if state.journal == "remembering" else "refuses entries"
        problems.append(f"it cannot write the log ({cause}) and {entries}")
    elif state.journal_held != "ok":
        what = (
            "has locked the log"
            if state.journal_held == "lock"
            else "keeps the log's file from being emptied"
        )
        problems.append(f"another program ({state.held_by or 'not visible from here'}) {what}; stop it")
    if state.registry != "ok":
        copy = state.registry_copy_utc
        uses = "has no copy of it" if copy is None else f"uses its copy of {copy:%Y-%m-%d %H:%M} UTC"
        problems.append(f"it cannot read registry.db and {uses}")
    if state.registry_rolled_back:
        problems.append("registry.db is an older or another one than the log records")
    if state.presence != "ok":
        problems.append("it cannot read from the log who is inside")
    if state.config != "ok":
        problems.append("it uses the last valid genkan.toml")
    if state.log_key == "foreign":
        problems.append("journal.db is not the log that keys/shared/log.vkey names: the earlier one is gone")
    elif state.log_key == "lost":
        problems.append(
            "the private key that signs the log was lost, and a new key signs the log; copy its public key "
            "from the page “Proof of the log”"
        )
    if state.card_number_key != "ok":
        problems.append("it cannot read keys/shared/card_number.key and refuses every badge on the way in")
    if state.reserve == "released":
        problems.append("the disk is full, and the log uses its reserve")
    elif state.reserve == "none":
        problems.append("the disk has no room to reserve 64 MB for the log")
    if problems:
        raise GenkanError(f"{'; '.join(problems)}. Everyone can leave.")
    if count := _open_alarms(config):
        return f"running, with {count} unacknowledged alarm{'s' * (count > 1)}; see the page “Alarms”"
    return "running, and finds nothing wrong"


def _open_alarms(config: Config) -> int:
    """Zero if they cannot be read, which fails in the line "registry" or "journal"."""
    from controller.model.operators import MACHINE
    from controller.runtime.clock import Clock
    from controller.services.doors import alarms
    from controller.services.requests.link import Direct
    from controller.services.site import Site

    with contextlib.suppress(GenkanError), Site.open_to_read(config, Clock().now, Direct()) as site:
        return alarms.count(site.acting(MACHINE))
    return 0
