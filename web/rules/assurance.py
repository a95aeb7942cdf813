"""Assurance on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.credentials import Assurance
from controller.model.reasons import DenyReason
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.order import RuleName
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, number_of
from web.words.words import Words

FIELDS = (RuleField("least", N_("Minimum assurance of the badge"), Kind.PROOF),)
PURPOSE = N_("Would admit only badges with at least this assurance.")

WORDS: CodeWords = (
    (RuleName.ASSURANCE, N_("Minimum assurance of the badge")),
    (DenyReason.ASSURANCE_TOO_LOW, N_("This door asks for a badge that cannot be copied")),
)


def sentence(words: Words, setting: AssuranceSetting) -> str:
    least = min(max(setting.least, 0), max(Assurance))
    proof = words.member(Assurance(least))
    return words.translate(N_("Only badges with at least this assurance can enter: {proof}."), proof=proof)


def explanation(observations: Values, words: Words) -> Iterator[str]:
    proved, least = (words.member(Assurance(number_of(observations[key]))) for key in ("shown", "least"))
    yield words.translate(N_("The badge: {shown}. At least: {least}."), shown=proved, least=least)
