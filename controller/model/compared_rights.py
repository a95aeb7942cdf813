"""The rights of a registry beside those in force by the log, compared in order and page by page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind

# In this order; FOUND is not a right.
COMPARED_KINDS = tuple(kind for kind in SubjectKind if kind is not SubjectKind.FOUND)
AT_ONCE = 100  # subjects of one page, where nobody waits

# The subjects of this kind with an id behind the second argument, by rising id, at most so many.
RightsPage = Callable[[SubjectKind, str, int], Sequence[SubjectDigest]]


@dataclass(frozen=True)
class DifferingRight:
    """`now`: the digest in the registry, `on_record`: the one in force; None where it has none."""

    subject: Subject
    now: bytes | None
    on_record: bytes | None


def compare_page(
    kind: SubjectKind, after: str, of_registry: RightsPage, on_record: RightsPage, most: int = AT_ONCE
) -> tuple[list[DifferingRight], str | None]:
    """What differs on the next page of this kind, and the id that it ends with; None: it was the last one."""
    pages = (of_registry(kind, after, most), on_record(kind, after, most))
    end = min((page[-1].subject.id for page in pages if len(page) >= most), default=None)
    now, kept = (
        {one.subject: one.digest for one in page if end is None or one.subject.id <= end} for page in pages
    )
    differing = [
        DifferingRight(subject, now.get(subject), kept.get(subject))
        for subject in sorted(now.keys() | kept.keys())
        if now.get(subject) != kept.get(subject)
    ]
    return differing, end


def differing_rights(of_registry: RightsPage, on_record: RightsPage) -> Iterator[DifferingRight]:
    """All that differ, kind by kind."""
    for kind in COMPARED_KINDS:
        after: str | None = ""
        while after is not None:
            differing, after = compare_page(kind, after, of_registry, on_record)
            yield from differing
