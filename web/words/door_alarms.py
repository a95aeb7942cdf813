"""The faults of the door service in words: what happened, what it means, what to do."""

from collections.abc import Iterator
from datetime import datetime

from controller.config import Config
from controller.errors import N_
from controller.services.doors.now import ServiceState
from controller.services.rights import Right
from web.words.alarm_banners import AlarmBanner
from web.words.causes import FAILURE_CAUSES, cause_text
from web.words.config_problem_words import config_problem_text
from web.words.unaccounted_rights import effect_at_doors
from web.words.words import Words

REFUSE, REMEMBER = "refuse", "remember"
_STAY_ON = N_("Do not switch the controller off, or the records in its memory are lost.")


def door_alarms(
    running: bool, state: ServiceState | None, now: datetime, words: Words, config: Config
) -> tuple[AlarmBanner, ...]:
    """The worst alarm first. A door service that is not running reports nothing else."""
    if not running:
        return (_not_running(words),)
    if state is None:
        return ()
    return tuple(_alarms(state, now, words, config))


def _alarms(state: ServiceState, now: datetime, words: Words, config: Config) -> Iterator[AlarmBanner]:
    if state.journal == "remembering":
        yield _remembering(state, words, config)
    elif state.journal != "ok":
        yield _failing(state, words)
    if state.journal_held != "ok" and state.journal == "ok":
        yield _held_by_others(state, words)
    if state.presence != "ok":
        yield _presence(state, words)
    if state.log_key != "ok":
        yield _log_key(state, words)
    if state.reserve == "none":
        yield _no_reserve(words)
    elif state.reserve != "ok":
        yield _disk_full(state, words)
    if state.registry != "ok":
        yield _old_badges(state, now, words)
    if state.registry_rolled_back:
        yield _rolled_back(words, config)
    if state.config != "ok":
        yield _old_configuration(state, words)


def _not_running(words: Words) -> AlarmBanner:
    return AlarmBanner(
        True,
        words.translate(N_("The door service is not running.")),
        words.translate(N_("No badge is read and nothing new is recorded.")),
        words.translate(N_("Start it, or call the person in charge of the controller.")),
    )


def _failing(state: ServiceState, words: Words) -> AlarmBanner:
    meaning = [
        words.translate(N_("Nobody can enter by badge until the log can be written. Leaving always works."))
    ]
    todo = [
        words.translate(
            N_(
                "Open the door by hand, write down who enters, and call the person in charge of the "
                "controller now."
            ),
        )
    ]
    if state.remembered:
        meaning.insert(0, _held(state, words))
        todo.insert(0, words.translate(_STAY_ON))
    return AlarmBanner(
        True,
        _unwritten(state, words),
        words.join_sentences(meaning),
        words.join_sentences(todo),
    )


def _remembering(state: ServiceState, words: Words, config: Config) -> AlarmBanner:
    doors = config.doors.values()
    remembering = words.places(d.name for d in doors if d.when_journal_fails == REMEMBER)
    refusing = [d.name for d in doors if d.when_journal_fails == REFUSE]
    meaning = [_held(state, words)] if state.remembered else []
    meaning.append(
        words.translate(
            N_(
                "{doors}: people can still enter, for at most 30 minutes and 500 records. After that "
                "they are refused."
            ),
            doors=remembering,
        )
    )
    if refusing:
        names = words.places(refusing)
        meaning.append(words.translate(N_("{doors}: nobody can enter by badge."), doors=names))
    return AlarmBanner(
        True,
        _unwritten(state, words),
        words.join_sentences(meaning),
        words.join_sentences(
            [
                words.translate(_STAY_ON),
                words.translate(N_("Call the person in charge of the controller now.")),
            ],
        ),
    )


def _held(state: ServiceState, words: Words) -> str:
    return words.translate(N_("{count} records are in memory only."), count=f"{state.remembered:,}")


def _unwritten(state: ServiceState, words: Words) -> str:
    """How long the log has not been writable, and the system's error, where they are known."""
    what = words.translate(N_("The log cannot be written."))
    if state.journal_since is not None:
        since = words.minute(state.journal_since)
        what = words.translate(N_("The log has not been writable since {time}."), time=since)
    if state.journal_cause:
        cause = cause_text(words, FAILURE_CAUSES, state.journal_cause)
        if holder := state.held_by or state.journal_detail:
            cause = f"{cause} ({holder})"
        what = words.join_sentences([what, words.translate(N_("Cause: {cause}."), cause=cause)])
    return what


def _held_by_others(state: ServiceState, words: Words) -> AlarmBanner:
    """`lock` for the moment until the door has noticed that it cannot write; then the log's own alarm."""
    is_lock = state.journal_held == "lock"
    what = words.translate(
        N_("Another program has locked the log.")
        if is_lock
        else N_("Another program has been reading the log for so long that its file on the disk grows.")
    )
    if state.held_by:
        program = words.translate(N_("Program: {program}."), program=state.held_by)
        what = words.join_sentences([what, program])
    meaning = (
        N_("The door cannot write the log, so most doors refuse entry. Leaving always works.")
        if is_lock
        else N_("Badges and the log work as before, until the disk is full.")
    )
    return AlarmBanner(
        is_lock,
        what,
        words.translate(meaning),
        words.translate(N_("Stop this program on the controller, and find out who started it.")),
    )


def _presence(state: ServiceState, words: Words) -> AlarmBanner:
    what = words.translate(N_("The door cannot read from the log who is inside."))
    if state.presence_since is not None:
        since = words.minute(state.presence_since)
        what = words.translate(
            N_("Since {time} the door cannot read from the log who is inside."), time=since
        )
    return AlarmBanner(
        True,
        what,
        words.translate(
            N_(
                "Badges work as before, but rules that depend on who is inside or on earlier passages "
                "refuse nobody: supervisor present, anti-passback, occupancy and similar rules. The log "
                "notes this beside each entry."
            ),
        ),
        words.translate(
            N_(
                "Post a supervisor at the entrance and call the person in charge of the controller. The "
                "alarm ends when the log can be read again."
            ),
        ),
    )


def _log_key(state: ServiceState, words: Words) -> AlarmBanner:
    if state.log_key == "foreign":
        return AlarmBanner(
            True,
            words.translate(N_("The log on this controller does not belong to its key.")),
            words.translate(
                N_(
                    "Somebody replaced or removed the log. Earlier records may be missing, and the first "
                    "key does not prove the new ones."
                ),
            ),
            words.translate(
                N_(
                    "Restore the right log from a backup with `genkan restore`. Keep the present log as "
                    "well; copy its key from the page “Proof of the log”, and keep both keys."
                ),
            ),
        )
    return AlarmBanner(
        True,
        words.translate(
            N_("The private key that signs the log was lost or damaged; a new key signs it now.")
        ),
        words.translate(
            N_(
                "Earlier records can still be verified with the first key. Nobody can prove whether the "
                "log was changed when the key was lost: somebody may have removed the key on purpose."
            ),
        ),
        words.translate(
            N_(
                "Copy the new key from the page “Proof of the log”, and keep both keys. Find out who had "
                "access to the controller."
            ),
        ),
    )


def _no_reserve(words: Words) -> AlarmBanner:
    return AlarmBanner(
        False,
        words.translate(N_("The controller's disk has no room to reserve 64 MB for the log.")),
        words.translate(
            N_(
                "Badges and the log work as before. When the disk is full, nobody can enter, because "
                "there is no reserve."
            ),
        ),
        words.translate(
            N_(
                "Free some space on the controller: move old backups and exports to another place. The "
                "door then reserves the space automatically."
            ),
        ),
    )


def _disk_full(state: ServiceState, words: Words) -> AlarmBanner:
    meaning = N_("Badges and the log still work. When the reserve is used up, nobody can enter.")
    if state.journal != "ok":
        meaning = N_("The space is still not enough.")
    return AlarmBanner(
        True,
        words.translate(N_("The controller's disk is full; its reserve of 64 MB was released.")),
        words.translate(meaning),
        words.translate(
            N_(
                "Free space on the controller today: move old backups and exports to another place. When "
                "there is room again, the door reserves the space automatically."
            ),
        ),
    )


def _old_badges(state: ServiceState, now: datetime, words: Words) -> AlarmBanner:
    meaning = words.translate(N_("The door does not know later changes: a lost badge may still open it."))
    if state.registry_copy_utc is None:
        what = words.translate(N_("The door cannot read the list of badges and uses an earlier copy."))
    else:
        what = words.translate(
            N_("The door cannot read the list of badges and uses a copy from {time} ({age} old)."),
            time=words.minute(state.registry_copy_utc),
            age=words.age(now - state.registry_copy_utc, coarse=True),
        )
    return AlarmBanner(
        False,
        what,
        meaning,
        words.translate(
            N_(
                "Ask the person in charge of the controller to restore the list of badges; until then, watch "
                "the entrance yourselves for badges that were lost or suspended."
            ),
        ),
    )


def _rolled_back(words: Words, config: Config) -> AlarmBanner:
    return AlarmBanner(
        True,
        words.translate(N_("Somebody replaced the list of badges by an older or another one.")),
        effect_at_doors(words, config.log, is_replaced=True),
        words.translate(
            N_(
                "Restore the newest list, or have an administrator accept this one. Find out who had access "
                "to the controller."
            )
        ),
        path="/registry",
        page=words.translate(N_("To the comparison with the log")),
        right=Right.ACCEPT_REGISTRY,
    )


def _old_configuration(state: ServiceState, words: Words) -> AlarmBanner:
    what = words.translate(N_("Using the last valid configuration: genkan.toml has errors."))
    if state.config_problem:
        problem = config_problem_text(words, state.config_problem, state.config_problem_fields)
        what = words.join_sentences([what, problem])
    return AlarmBanner(
        False,
        what,
        words.translate(N_("Doors and readers work as before. Changes in the file have no effect yet.")),
        words.translate(
            N_(
                "Correct genkan.toml, check it with `genkan check`, then restart the services "
                "(`systemctl restart 'genkan-*'`)."
            ),
        ),
    )
