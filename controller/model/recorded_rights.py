"""Rights on record: which subjects have a digest, and how an operator's action and a record write them."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

IN_ONE_ACTION = 140  # each takes 52 bytes, and the action's record stays below 8 KiB
DIGEST_SIZE = 16
_DELETED = "-"


class SubjectKind(StrEnum):
    """What a digest is of, as the log writes it."""

    PERSON = "p"
    BADGE = "b"
    PIN = "n"  # its id is the holder's
    LEVEL = "l"
    SCHEDULE = "s"
    DAYS = "d"  # the dates with a day type of their own
    RULES = "r"  # the newest published rule book
    LOCKDOWNS = "k"
    OPERATOR = "o"
    STATION = "t"  # the issuing station
    FOUND = "f"  # its id is a registry's: from this record on, all its rights are on the record


class Subject(NamedTuple):
    """What has rights, or defines them. `id` is ALL for a kind with a single subject."""

    kind: SubjectKind
    id: str

    @property
    def text(self) -> str:
        """As a record names it."""
        return f"{self.kind}:{self.id}"


ALL = "all"


class SubjectDigest(NamedTuple):
    """The rights of one subject after a change. `digest` is None once the subject is deleted."""

    subject: Subject
    digest: bytes | None


def rights_text(rights: Iterable[SubjectDigest]) -> str:
    """As an operator's action holds them: `b:<id>:<digest in hex>`, separated by spaces."""
    return " ".join(
        f"{subject.text}:{_DELETED if digest is None else digest.hex()}" for subject, digest in rights
    )


def parsed_rights(text: str) -> list[SubjectDigest]:
    """Raises ValueError for a text that `rights_text` did not write."""
    rights = []
    for entry in text.split():
        kind, _, rest = entry.partition(":")
        id_, _, digest = rest.rpartition(":")
        if digest != _DELETED and len(digest) != 2 * DIGEST_SIZE:
            raise ValueError(f"{digest!r} is not a digest of rights")
        rights.append(
            SubjectDigest(
                Subject(SubjectKind(kind), id_), None if digest == _DELETED else bytes.fromhex(digest)
            )
        )
    return rights


def rights_texts(rights: Sequence[SubjectDigest]) -> Iterator[str]:
    """Texts of IN_ONE_ACTION rights each, ordered so that neighbours are stored together."""
    for start in range(0, len(rights), IN_ONE_ACTION):
        yield rights_text(rights[start : start + IN_ONE_ACTION])
