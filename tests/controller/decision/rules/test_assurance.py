from controller.decision.access import decide
from controller.model.credentials import Assurance
from controller.model.reasons import DenyReason
from controller.model.rules.assurance import AssuranceSetting
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import ENFORCE, site_facts, taps

FACTS = site_facts(AssuranceSetting(ENFORCE, 2))


def test_card_that_proved_too_little_refused() -> None:
    for assurance in (Assurance.NUMBER_ONLY, Assurance.CLEAR_PASSWORD):
        assert decide(taps(assurance=assurance), NOON, FACTS).reason is DenyReason.ASSURANCE_TOO_LOW


def test_card_that_proved_enough_admitted() -> None:
    for assurance in (Assurance.CARD_KEY, Assurance.MUTUAL_AES):
        assert decide(taps(assurance=assurance), NOON, FACTS).reason is None


def test_any_card_leaves() -> None:
    facts = site_facts(AssuranceSetting(ENFORCE, 3), at_the_door=(AssuranceSetting(ENFORCE, 3),))
    assert decide(taps(access_point="entrance-out"), NOON, facts).reason is None
