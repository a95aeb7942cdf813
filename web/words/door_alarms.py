"""The faults of the door service in words: what happened, what it means, what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from controller.config import Config
from controller.errors import N_
from controller.services.doors.now import ServiceState
from web.words.causes import FAILURE_CAUSES, cause_text
from web.words.labels import label
from web.words.language import join_list, join_sentences, translate
from web.words.times import age_text, minute_text

REFUSE, REMEMBER = "refuse", "remember"
_STAY_ON = N_("Do not switch the controller off, or the records in its memory are lost.")


@dataclass(frozen=True, slots=True)
class AlarmBanner:
    """`urgent`: a person is waiting at a door that refuses, or records may be lost."""

    urgent: bool
    what: str
    meaning: str
    todo: str
    path: str = ""  # of the page where it is done
    page: str = ""  # what that page is called


def door_alarms(
    running: bool, state: ServiceState | None, now: datetime, language: str, config: Config
) -> tuple[AlarmBanner, ...]:
    """The worst alarm first. A door service that is not running reports nothing else."""
    if not running:
        return (_not_running(language),)
    if state is None:
        return ()
    return tuple(_alarms(state, now, language, config))


def _alarms(state: ServiceState, now: datetime, language: str, config: Config) -> Iterator[AlarmBanner]:
    if state.journal == "remembering":
        yield _remembering(state, language, config)
    elif state.journal != "ok":
        yield _failing(state, language, config)
    if state.presence != "ok":
        yield _presence(state, language, config)
    if state.log_key != "ok":
        yield _log_key(state, language)
    if state.reserve == "none":
        yield _no_reserve(language)
    elif state.reserve != "ok":
        yield _disk_full(state, language)
    if state.registry != "ok":
        yield _old_badges(state, now, language, config)
    if state.config != "ok":
        yield _old_configuration(state, language)


def _not_running(language: str) -> AlarmBanner:
    return AlarmBanner(
        True,
        translate(language, N_("The door service is not running.")),
        translate(language, N_("No badge is read and nothing new is recorded.")),
        translate(language, N_("Start it, or call the person in charge of the controller.")),
    )


def _failing(state: ServiceState, language: str, config: Config) -> AlarmBanner:
    meaning = [
        translate(
            language, N_("Nobody can enter by badge until the log can be written. Leaving always works.")
        )
    ]
    todo = [
        translate(
            language,
            N_(
                "Open the door by hand, write down who enters, and call the person in charge of the "
                "controller now."
            ),
        )
    ]
    if state.remembered:
        meaning.insert(0, _held(state, language))
        todo.insert(0, translate(language, _STAY_ON))
    return AlarmBanner(
        True,
        _unwritten(state, language, config),
        join_sentences(language, meaning),
        join_sentences(language, todo),
    )


def _remembering(state: ServiceState, language: str, config: Config) -> AlarmBanner:
    doors = config.doors.values()
    remembering = _names([d.name for d in doors if d.when_journal_fails == REMEMBER], language, config)
    refusing = [d.name for d in doors if d.when_journal_fails == REFUSE]
    meaning = [_held(state, language)] if state.remembered else []
    meaning.append(
        translate(
            language,
            N_(
                "{doors}: people can still enter, for at most 30 minutes and 500 records. After that "
                "they are refused."
            ),
            doors=remembering,
        )
    )
    if refusing:
        names = _names(refusing, language, config)
        meaning.append(translate(language, N_("{doors}: nobody can enter by badge."), doors=names))
    return AlarmBanner(
        True,
        _unwritten(state, language, config),
        join_sentences(language, meaning),
        join_sentences(
            language,
            [
                translate(language, _STAY_ON),
                translate(language, N_("Call the person in charge of the controller now.")),
            ],
        ),
    )


def _held(state: ServiceState, language: str) -> str:
    return translate(language, N_("{count} records are in memory only."), count=f"{state.remembered:,}")


def _unwritten(state: ServiceState, language: str, config: Config) -> str:
    """Since when, and the system's own word for why, where they are known."""
    what = translate(language, N_("The log cannot be written."))
    if state.journal_since is not None:
        since = minute_text(state.journal_since, config.site.time_zone)
        what = translate(language, N_("The log has not been writable since {time}."), time=since)
    if state.journal_cause:
        cause = cause_text(language, FAILURE_CAUSES, state.journal_cause)
        if state.journal_detail:
            cause = f"{cause} ({state.journal_detail})"
        what = join_sentences(language, [what, translate(language, N_("Cause: {cause}."), cause=cause)])
    return what


def _presence(state: ServiceState, language: str, config: Config) -> AlarmBanner:
    what = translate(language, N_("The door cannot read from the log who is inside."))
    if state.presence_since is not None:
        since = minute_text(state.presence_since, config.site.time_zone)
        what = translate(
            language, N_("Since {time} the door cannot read from the log who is inside."), time=since
        )
    return AlarmBanner(
        True,
        what,
        translate(
            language,
            N_(
                "Badges work as before, but rules that depend on who is inside or on earlier passages "
                "refuse nobody: supervisor present, anti-passback, occupancy and similar rules. The log "
                "notes this beside each entry."
            ),
        ),
        translate(
            language,
            N_(
                "Post a supervisor at the entrance and call the person in charge of the controller. The "
                "alarm ends when the log can be read again."
            ),
        ),
    )


def _log_key(state: ServiceState, language: str) -> AlarmBanner:
    if state.log_key == "foreign":
        return AlarmBanner(
            True,
            translate(language, N_("The log on this controller does not belong to its key.")),
            translate(
                language,
                N_(
                    "Somebody replaced or removed the log. Earlier records may be missing, and the first "
                    "key does not prove the new ones."
                ),
            ),
            translate(
                language,
                N_(
                    "Restore the right log from a backup with `genkan restore`. Keep the present log as "
                    "well; copy its key from the page “Proof of the log”, and keep both keys."
                ),
            ),
        )
    return AlarmBanner(
        True,
        translate(
            language, N_("The private key that signs the log was lost or damaged; a new key signs it now.")
        ),
        translate(
            language,
            N_(
                "Earlier records can still be verified with the first key. Nobody can prove whether the "
                "log was changed when the key was lost: somebody may have removed the key on purpose."
            ),
        ),
        translate(
            language,
            N_(
                "Copy the new key from the page “Proof of the log”, and keep both keys. Find out who had "
                "access to the controller."
            ),
        ),
    )


def _no_reserve(language: str) -> AlarmBanner:
    return AlarmBanner(
        False,
        translate(language, N_("The controller's disk has no room to reserve 64 MB for the log.")),
        translate(
            language,
            N_(
                "Badges and the log work as before. When the disk is full, nobody can enter, because "
                "there is no reserve."
            ),
        ),
        translate(
            language,
            N_(
                "Free some space on the controller: move old backups and exports to another place. The "
                "door then reserves the space automatically."
            ),
        ),
    )


def _disk_full(state: ServiceState, language: str) -> AlarmBanner:
    meaning = N_("Badges and the log still work. When the reserve is used up, nobody can enter.")
    if state.journal != "ok":
        meaning = N_("The space is still not enough.")
    return AlarmBanner(
        True,
        translate(language, N_("The controller's disk is full; its reserve of 64 MB was released.")),
        translate(language, meaning),
        translate(
            language,
            N_(
                "Free space on the controller today: move old backups and exports to another place. When "
                "there is room again, the door reserves the space automatically."
            ),
        ),
    )


def _old_badges(state: ServiceState, now: datetime, language: str, config: Config) -> AlarmBanner:
    meaning = translate(language, N_("The door does not know later changes: a lost badge may still open it."))
    if state.registry_copy_utc is None:
        what = translate(language, N_("The door cannot read the list of badges and uses an earlier copy."))
    else:
        what = translate(
            language,
            N_("The door cannot read the list of badges and uses a copy from {time} ({age} old)."),
            time=minute_text(state.registry_copy_utc, config.site.time_zone),
            age=age_text(now - state.registry_copy_utc, language, coarse=True),
        )
    return AlarmBanner(
        False,
        what,
        meaning,
        translate(
            language,
            N_(
                "Ask the person in charge of the controller to restore the list of badges; until then, watch "
                "the entrance yourselves for badges that were lost or suspended."
            ),
        ),
    )


def _old_configuration(state: ServiceState, language: str) -> AlarmBanner:
    what = translate(language, N_("Using the last valid configuration: genkan.toml has errors."))
    if state.config_problem:
        what = join_sentences(language, [what, state.config_problem])
    return AlarmBanner(
        False,
        what,
        translate(language, N_("Doors and readers work as before. Changes in the file have no effect yet.")),
        translate(
            language,
            N_("Correct genkan.toml, check it with `genkan check`, then restart both services."),
        ),
    )


def _names(doors: Sequence[str], language: str, config: Config) -> str:
    return join_list(language, (label(config, language, door) for door in doors))
