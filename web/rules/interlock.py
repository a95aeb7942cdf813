"""Interlock on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.reasons import DenyReason
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.order import RuleName
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, places_text
from web.words.words import Words

FIELDS = (RuleField("doors", N_("Doors that must be closed"), Kind.DOORS),)
PURPOSE = N_("Would admit nobody while another of the ticked doors is open.")

WORDS: CodeWords = (
    (RuleName.INTERLOCK, N_("Interlock")),
    (DenyReason.INTERLOCK, N_("Another door must close first")),
)


def sentence(words: Words, setting: InterlockSetting) -> str:
    names = words.places(setting.doors)
    return words.translate(
        N_("Nobody can enter while one of these doors is open or released: {names}."), names=names
    )


def explanation(observations: Values, words: Words) -> Iterator[str]:
    waiting, every = places_text(observations["open"], words), places_text(observations["doors"], words)
    if waiting:
        yield words.translate(N_("Open or released: {doors}."), doors=waiting)
    else:
        yield words.translate(N_("Closed: {doors}."), doors=every)
