"""What is not as it should be at the door, in words: what happened, what it means there, what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from controller.config import Config
from controller.errors import N_
from controller.services.doors import ServiceState
from web.causes import FAILURE_CAUSES, cause_text
from web.labels import label
from web.language import join_list, join_sentences, translate
from web.times import age_text, minute_text

REFUSE, REMEMBER = "refuse", "remember"
_STAY_ON = N_("Do not switch the controller off: what it holds in memory would be lost.")


@dataclass(frozen=True, slots=True)
class AlarmBanner:
    """`urgent`: somebody stands before a door that refuses, or records may be lost."""

    urgent: bool
    what: str
    meaning: str
    todo: str
    path: str = ""  # of the page where it is done
    page: str = ""  # what that page is called


def door_alarms(
    running: bool, state: ServiceState | None, now: datetime, language: str, config: Config
) -> tuple[AlarmBanner, ...]:
    """The worst first. Of a door service that is not running nothing else is known."""
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
    meaning = [translate(language, N_("Nobody is let in by badge until it can. Leaving always works."))]
    todo = [
        translate(
            language,
            N_("Let people in by hand and write down who; call the person in charge of the controller now."),
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
            N_("{doors}: people are still let in, for at most 30 minutes and 500 records, then refused."),
            doors=remembering,
        )
    )
    if refusing:
        names = _names(refusing, language, config)
        meaning.append(translate(language, N_("{doors}: nobody is let in by badge."), doors=names))
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
    return translate(language, N_("{count} records are held in memory only."), count=f"{state.remembered:,}")


def _unwritten(state: ServiceState, language: str, config: Config) -> str:
    """Since when, and the system's own word for why, where they are known."""
    what = translate(language, N_("The log cannot be written."))
    if state.journal_since is not None:
        since = minute_text(state.journal_since, config.site.time_zone)
        what = translate(language, N_("The log cannot be written since {time}."), time=since)
    if state.journal_cause:
        cause = cause_text(language, FAILURE_CAUSES, state.journal_cause)
        if state.journal_detail:
            cause = f"{cause} ({state.journal_detail})"
        what = join_sentences(language, [what, translate(language, N_("Cause: {cause}."), cause=cause)])
    return what


def _presence(state: ServiceState, language: str, config: Config) -> AlarmBanner:
    what = translate(language, N_("The door cannot read the log for who is inside."))
    if state.presence_since is not None:
        since = minute_text(state.presence_since, config.site.time_zone)
        what = translate(
            language, N_("The door cannot read the log for who is inside since {time}."), time=since
        )
    return AlarmBanner(
        True,
        what,
        translate(
            language,
            N_(
                "Badges work as before, but no rule that asks who is inside, or who went where before, "
                "refuses anybody: supervisor present, anti-passback, occupancy and their like. Each entry "
                "says so in the log."
            ),
        ),
        translate(
            language,
            N_(
                "Have a supervisor stand at the entrance; call the person in charge of the controller. It "
                "ends by itself once the log can be read."
            ),
        ),
    )


def _log_key(state: ServiceState, language: str) -> AlarmBanner:
    if state.log_key == "foreign":
        return AlarmBanner(
            True,
            translate(language, N_("The controller holds another log than the one that belongs to its key.")),
            translate(
                language,
                N_(
                    "Another file was put in the place of the log, or the log was removed. What was recorded "
                    "before may be missing, and the first key does not prove what is recorded now."
                ),
            ),
            translate(
                language,
                N_(
                    "Put the right log back, from a backup with `genkan restore`. Keep the log that is there "
                    "now as well; note its key from the page about its proof, and keep both keys."
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
                "Records from before can still be verified with the first key. Whether the log was changed "
                "at the moment the key was lost cannot be proven: somebody may have removed the key on "
                "purpose."
            ),
        ),
        translate(
            language,
            N_(
                "Note the new key from the page about the proof of the log, and keep both keys. Find out who "
                "could reach the controller."
            ),
        ),
    )


def _no_reserve(language: str) -> AlarmBanner:
    return AlarmBanner(
        False,
        translate(language, N_("There is no room on the controller's disk to set 64 MB aside for the log.")),
        translate(
            language,
            N_(
                "Badges and the log work as before. On a full disk nobody is let in, and there is no reserve "
                "to go on with."
            ),
        ),
        translate(
            language,
            N_(
                "Free some space on the controller: move old backups and exports off it. The door then sets "
                "the reserve aside by itself."
            ),
        ),
    )


def _disk_full(state: ServiceState, language: str) -> AlarmBanner:
    meaning = N_("Badges and the log go on for now. When the reserve is used up, nobody is let in.")
    if state.journal != "ok":
        meaning = N_("That was not enough.")
    return AlarmBanner(
        True,
        translate(language, N_("The controller's disk is full; its reserve of 64 MB was released.")),
        translate(language, meaning),
        translate(
            language,
            N_(
                "Free space on the controller today: move old backups and exports off it. When there is room "
                "again, the door sets the reserve aside by itself."
            ),
        ),
    )


def _old_badges(state: ServiceState, now: datetime, language: str, config: Config) -> AlarmBanner:
    meaning = translate(
        language, N_("What was changed after that is not known there: a lost badge may still open.")
    )
    if state.registry_copy_utc is None:
        what = translate(
            language, N_("The door cannot read the list of badges and decides by an earlier copy.")
        )
    else:
        what = translate(
            language,
            N_("The door cannot read the list of badges and decides by a copy of {time} ({age} old)."),
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
    what = translate(
        language, N_("The configuration file cannot be used; the door runs on its last good copy.")
    )
    if state.config_problem:
        what = join_sentences(language, [what, state.config_problem])
    return AlarmBanner(
        False,
        what,
        translate(
            language, N_("Doors and readers work as before; what was changed in the file has no effect.")
        ),
        translate(
            language,
            N_("Correct genkan.toml, check it with `genkan check`, then restart both services."),
        ),
    )


def _names(doors: Sequence[str], language: str, config: Config) -> str:
    return join_list(language, (label(config, language, door) for door in doors))
