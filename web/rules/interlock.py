"""Interlock on the pages: its form, what it does, and what it saw."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.reasons import DenyReason
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.order import RuleName
from web.rules.fields import Kind, RuleField, Words
from web.rules.observed import Values, places_text
from web.rules.rule_words import RuleWords

FIELDS = (RuleField("doors", N_("Doors that must be closed"), Kind.DOORS),)
PURPOSE = N_("Would admit nobody while another of the ticked doors is open.")

WORDS: Words = (
    (RuleName.INTERLOCK, N_("Interlock")),
    (DenyReason.INTERLOCK, N_("Another door must close first")),
)


def sentence(words: RuleWords, setting: InterlockSetting) -> str:
    names = words.places(setting.doors)
    return words.translate(
        N_("Nobody can enter while one of these doors is open or released: {names}."), names=names
    )


def explanation(saw: Values, words: RuleWords) -> Iterator[str]:
    waiting, every = places_text(saw["open"], words), places_text(saw["doors"], words)
    if waiting:
        yield words.translate(N_("Open or released: {doors}."), doors=waiting)
    else:
        yield words.translate(N_("Closed: {doors}."), doors=every)
