"""Requests the door's signature: a fresh checkpoint, or a record that vouches for the hash of a finished
export.

The request is an operator's action in the registry: the door copies it into the journal and signs
immediately. Anyone with access to the machine's files may do the door's part while no door runs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from controller.errors import N_, GenkanError, OperatorError
from controller.journal.alive import is_door_alive
from controller.journal.query import LogFilter
from controller.model.events import Section
from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.log.requests import SealExport, SealLog
from controller.services.rights import Right
from controller.services.site import Site

PATIENCE_S = 10.0
_POLL_S = 0.05
_OPERATORS = LogFilter(sections=frozenset({Section.OPERATOR}))


class NoProof(OperatorError):
    """The door did not sign; the exported file is complete but has no proof."""


@dataclass(frozen=True)
class Signer:
    """How to wait for the door's signature. `patience` returns a new `pause` for each request: call it
    between two polls; it sleeps briefly, and returns False when the time is up.

    `stand_in` does the door's part while no door runs, and raises GenkanError if it may not.
    """

    patience: Callable[[], Callable[[], bool]]
    stand_in: Callable[[], None] | None = None


class FreshCheckpoint(NamedTuple):
    """`note` is the newest checkpoint, None for a log never signed; `problem`: why there is no fresh one."""

    note: str | None
    problem: NoProof | None


def patience(seconds: float = PATIENCE_S) -> Callable[[], bool]:
    """Return a `pause` for a `Signer`; its time starts with the first call."""
    end: float | None = None

    def pause() -> bool:
        nonlocal end
        if end is None:
            end = time.monotonic() + seconds
        if time.monotonic() >= end:
            return False
        time.sleep(_POLL_S)
        return True

    return pause


def door_runs(site: Site) -> bool:
    return is_door_alive(site.config.data / "journal")


def may_sign(site: Site, signer: Signer) -> bool:
    return door_runs(site) or signer.stand_in is not None


def fresh_checkpoint(acting: Acting, signer: Signer) -> FreshCheckpoint:
    """A checkpoint that covers every record before this call if the door signs one; else the newest."""
    acting.require(Right.EXPORT_LOG)
    try:
        _, note = signed(acting, signer, SealLog())
        return FreshCheckpoint(note, None)
    except NoProof as problem:
        return FreshCheckpoint(acting.site.journal.newest_checkpoint(), problem)


def signed(acting: Acting, signer: Signer, request: SealLog | SealExport) -> tuple[int, str]:
    """The number of the action's record, and a checkpoint that covers it. Raises NoProof."""
    running = door_runs(acting.site)
    if not running and signer.stand_in is None:
        raise NoProof(
            N_("The door service is not running, so nothing could be signed; start it and try again.")
        )
    since = acting.site.journal.newest_seq()
    action_id = acting.send(request)
    if not running and signer.stand_in is not None:
        try:
            signer.stand_in()
        except GenkanError as error:
            raise NoProof(N_("Nothing could be signed: {why}"), why=str(error)) from error
    pause = signer.patience()
    (action,) = request.actions
    while (found := _covered(acting.site, since, action, action_id)) is None:
        if not pause():
            raise NoProof(
                N_("The door service did not sign in time; check the page “Doors” and try again later.")
            )
    return found


def _covered(site: Site, since: int, action: ActionType, action_id: int) -> tuple[int, str] | None:
    for entry in site.journal.after(_OPERATORS, since, limit=1000):
        if entry.codes.get("action") == action and entry.codes.get("action_id") == action_id:
            note = site.journal.checkpoint_covering(entry.seq)
            return None if note is None else (entry.seq, note)
    return None
