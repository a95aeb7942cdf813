"""The door is asked to sign, answers, answers late, never answers, or does not run."""

import pytest

from controller.errors import BadRequest, InstallerError, NotPermitted
from controller.journal.proof.note import parse_checkpoint
from controller.model.events import EventType
from controller.model.orders import ActionType
from controller.registry import actions
from controller.services.acting import Acting
from controller.services.log import signing as log_signing
from controller.services.log.requests import SealExport
from controller.services.log.signing import NoProof, Signer, fresh_checkpoint
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.services.signing import NOBODY, signs
from tests.sample_site import AUDITOR, NOW, VIEWER


def requested(site: Site) -> list[str]:
    with site.registry.read() as db:
        return [row.action for row in actions.actions_after(db, 0, 100)]


def test_fresh_checkpoint_covers_what_was_recorded_before_it_was_asked_for(site: Site):
    with DoorSide(site) as door:
        seq = door.record(EventType.ACCESS_GRANTED, door="entrance")
        checkpoint = fresh_checkpoint(Acting(site, AUDITOR, NOW), Signer(lambda: signs(door)))
        assert checkpoint.problem is None and checkpoint.note == site.journal.newest_checkpoint()
        assert parse_checkpoint(checkpoint.note or "").size > seq
    assert requested(site) == [ActionType.CHECKPOINT_ASKED]


def test_door_that_takes_its_time_is_waited_for(site: Site):
    with DoorSide(site) as door:
        sign, waited = signs(door), []

        def slowly() -> bool:
            waited.append(1)
            return sign() if len(waited) == 3 else True

        assert fresh_checkpoint(Acting(site, AUDITOR, NOW), Signer(lambda: slowly)).problem is None
    assert len(waited) == 3


def test_door_that_copies_and_does_not_sign_is_not_an_answer(site: Site):
    with DoorSide(site) as door:

        def copies() -> bool:
            if waited:
                return False
            waited.append(1)
            door.record(EventType.OPERATOR_ACTION, codes={"action": "checkpoint_asked", "action_id": 1})
            return True

        waited: list[int] = []
        checkpoint = fresh_checkpoint(Acting(site, AUDITOR, NOW), Signer(lambda: copies))
        assert checkpoint.problem is not None and "in time" in str(checkpoint.problem)


def test_somebody_elses_record_is_not_mistaken_for_ones_own(site: Site):
    with DoorSide(site) as door:
        sign = signs(door)
        sign()
        door.record(EventType.OPERATOR_ACTION, codes={"action": "checkpoint_asked", "action_id": 1})
        sign()
        checkpoint = fresh_checkpoint(Acting(site, AUDITOR, NOW), NOBODY)
        assert checkpoint.problem is not None, "of before it was asked"
        assert checkpoint.note == site.journal.newest_checkpoint()


def test_without_a_door_nothing_is_asked_of_it(site: Site):
    checkpoint = fresh_checkpoint(Acting(site, AUDITOR, NOW), Signer(lambda: lambda: True))
    assert "not running" in str(checkpoint.problem)
    assert requested(site) == []


def test_anyone_who_may_be_in_for_the_door_signs(site: Site):
    def stand_in() -> None:
        with DoorSide(site) as door:
            signs(door)()

    assert (
        fresh_checkpoint(Acting(site, AUDITOR, NOW), Signer(lambda: lambda: False, stand_in)).problem is None
    )


def test_why_nobody_may_be_in_is_reported(site: Site):
    def stand_in() -> None:
        raise InstallerError("this folder belongs to somebody else; be somebody else.")

    with pytest.raises(NoProof, match="Nothing could be signed: this folder belongs"):
        log_signing.signed(
            Acting(site, AUDITOR, NOW),
            Signer(lambda: lambda: True, stand_in),
            SealExport(sha256="00" * 32, export={}),
        )


def test_viewer_may_not_have_the_door_sign(site: Site):
    with DoorSide(site), pytest.raises(NotPermitted):
        fresh_checkpoint(Acting(site, VIEWER, NOW), NOBODY)
    assert requested(site) == []


def test_patience_ends():
    pause = log_signing.patience(0)
    assert not pause()


@pytest.mark.parametrize("text", ["x", "", "0" * 63, "G" * 64, "A" * 64])
def test_door_is_never_asked_to_vouch_for_what_is_not_a_hash(site: Site, text: str):
    with pytest.raises(BadRequest, match="64 hexadecimal digits"):
        Acting(site, AUDITOR, NOW).send(SealExport(sha256=text, export={}))
    assert requested(site) == []
