"""Two sorted sets of rights, compared page by page."""

import pytest

from controller.model.compared_rights import differing_rights
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind

Rights = dict[str, bytes]


def pages(rights: Rights):
    """Only people have rights here."""

    def page(kind: SubjectKind, after: str, most: int) -> list[SubjectDigest]:
        if kind is not SubjectKind.PERSON:
            return []
        ids = sorted(id_ for id_ in rights if id_ > after)[:most]
        return [SubjectDigest(Subject(kind, id_), rights[id_]) for id_ in ids]

    return page


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 350])
@pytest.mark.parametrize("step", [1, 2, 7])
def test_differences_are_the_same_as_of_the_whole_sets(count: int, step: int):
    now = {f"{n:04}": bytes([n % 3]) for n in range(count)}
    kept = {f"{n:04}": bytes([n % 3 if n % 5 else 9]) for n in range(0, 2 * count, step)}
    found = {one.subject.id: (one.now, one.on_record) for one in differing_rights(pages(now), pages(kept))}
    assert found == {
        id_: (now.get(id_), kept.get(id_)) for id_ in now | kept if now.get(id_) != kept.get(id_)
    }
