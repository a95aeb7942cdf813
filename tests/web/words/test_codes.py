"""Every code a page can show has words, in both languages."""

from collections.abc import Iterator
from enum import Enum

import pytest

from controller.model import (
    access,
    credentials,
    events,
    moment,
    operators,
    orders,
    reasons,
    recorded_rights,
    rule_book,
    unproved,
)
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode
from controller.services.doors import modes as door_modes
from tests.controller.model.rule_samples import settable
from web.words.calendar_names import LONG_WEEKDAYS, WEEKDAYS
from web.words.codes import ALL, code_message_key, message_key
from web.words.words import Words


def choices_of_rules() -> Iterator[type[Enum]]:
    for kind in SETTINGS.values():
        for field in settable(kind):
            if isinstance(field.type, type) and issubclass(field.type, Enum):
                yield field.type


ENUMS = [
    reasons.DenyReason,
    reasons.AccessWarning,
    reasons.ErasureRefusal,
    reasons.OrderRefusal,
    reasons.MissedTap,
    access.RightsState,
    recorded_rights.SubjectKind,
    events.EventType,
    events.Outcome,
    events.Section,
    access.Direction,
    operators.OperatorRole,
    operators.OperatorStatus,
    credentials.CredentialStatus,
    credentials.CardholderStatus,
    credentials.CredentialKind,
    credentials.Assurance,
    moment.ClockState,
    orders.OrderType,
    orders.ActionType,
    RuleMode,
    RuleName,
    rule_book.DoorMode,
    *choices_of_rules(),
    door_modes.HeldBack,
    access.StandsReleased,
    unproved.Unproved,
]
SAME_IN_BOTH = {"FeliCa"}


@pytest.mark.parametrize("kind", ENUMS)
def test_every_member_has_words_in_both_languages(kind: type[Enum]) -> None:
    without = [member for member in kind if member not in ALL[kind]]
    assert not without, (
        f"Add words for {without} to WORDS in web/rules/<rule>.py or, if no rule owns it, web/words/codes.py."
    )
    for member in kind:
        english, japanese = (
            Words("en").translate(message_key(member)),
            Words("ja").translate(message_key(member)),
        )
        assert english
        assert japanese != english or english in SAME_IN_BOTH, member


def test_table_holds_nothing_but_these() -> None:
    assert set(ALL) == set(ENUMS)


def test_code_of_a_newer_program_is_shown_as_it_is() -> None:
    assert code_message_key(reasons.DenyReason, "credential_lost") == "Badge reported lost"
    assert code_message_key(reasons.DenyReason, "moon_phase") == "moon_phase"
    assert Words("ja").translate(code_message_key(reasons.DenyReason, "{x}")) == "(x)"
    assert code_message_key(reasons.DenyReason, None) == ""


def test_weekdays_start_on_monday() -> None:
    assert Words("ja").translate(WEEKDAYS[0]) == "月"
    assert Words("ja").translate(LONG_WEEKDAYS[6]) == "日曜日"
