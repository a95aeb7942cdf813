from controller.model.reasons import DenyReason, agrees


def test_record_of_an_earlier_version_agrees_with_the_narrower_reason() -> None:
    assert agrees("qualification_expired", DenyReason.QUALIFICATION_MISSING)
    assert agrees("no_access_here", DenyReason.ACCESS_LEVEL_ENDED)
    assert agrees("no_access_here", DenyReason.ACCESS_LEVEL_NOT_YET_VALID)


def test_reasons_agree_with_themselves_and_with_nothing_else() -> None:
    assert agrees(None, None) and agrees("credential_lost", DenyReason.CREDENTIAL_LOST)
    assert not agrees("qualification_missing", DenyReason.QUALIFICATION_EXPIRED)
    assert not agrees("no_access_here", None)
    assert not agrees(None, DenyReason.ACCESS_LEVEL_ENDED)
    assert not agrees(None, DenyReason.CREDENTIAL_LOST)
    assert not agrees("access_level_ended", DenyReason.NO_ACCESS_HERE)
