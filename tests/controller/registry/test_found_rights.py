"""All rights of a registry in pieces, each behind the one before."""

from controller.model.orders import ActionType
from controller.model.recorded_rights import IN_ONE_ACTION, Subject, SubjectDigest, SubjectKind, rights_text
from controller.registry import actions
from controller.registry.database import Registry
from controller.registry.found_rights import next_piece
from controller.registry.rights import rights_now
from tests.controller.registry.samples import UTC_NOW, fill
from tests.sample_site import ADMIN

PEOPLE = IN_ONE_ACTION + 20


def pieces(registry: Registry) -> list[list[SubjectDigest]]:
    found = []
    while True:
        with registry.write() as db:
            piece = next_piece(db, "r")
            if piece is None:
                return found
            found.append(piece)
            actions.record(
                db,
                ADMIN,
                UTC_NOW,
                ActionType.RIGHTS_RECORDED,
                "registry",
                "r",
                rights=rights_text(piece),
            )


def test_every_subject_is_in_exactly_one_piece_and_the_last_is_the_registry(registry: Registry):
    fill(registry, range(PEOPLE))
    found = pieces(registry)
    assert max(map(len, found)) == IN_ONE_ACTION
    subjects = [one.subject for piece in found for one in piece]
    assert len(set(subjects)) == len(subjects)
    counts = {kind: sum(subject.kind is kind for subject in subjects) for kind in SubjectKind}
    assert counts[SubjectKind.PERSON] == counts[SubjectKind.BADGE] == PEOPLE
    assert counts[SubjectKind.LEVEL] == counts[SubjectKind.SCHEDULE] == counts[SubjectKind.RULES] == 1
    assert subjects[-1] == Subject(SubjectKind.FOUND, "r")
    with registry.read() as db:
        assert rights_now(db, subjects) == {one.subject: one.digest for piece in found for one in piece}


def test_another_registry_begins_from_the_first(registry: Registry):
    fill(registry, range(2))
    assert len(pieces(registry)) == 1
    with registry.read() as db:
        assert next_piece(db, "r") is None
        again = next_piece(db, "restored")
    assert again is not None and again[-1].subject.id == "restored"
