"""What differs between the registry and the log: for the page, the command line and the acceptance."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from controller.model.compared_rights import DifferingRight, differing_rights
from controller.model.events import Json
from controller.model.recorded_rights import Subject, SubjectKind
from controller.model.registry_mark import RegistryMark, RollbackCause, rollback_cause
from controller.registry import badges, found_rights, history, levels, operators, people, schedules
from controller.registry.database import Connection
from controller.registry.schema import SCHEMA
from controller.services.acting import Acting
from controller.services.rights import Right
from controller.services.site import Site

NAMED_AT_MOST = 200  # of each kind


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """`name` is empty where the registry has none, or no longer; `is_here`: the registry holds it."""

    subject: Subject
    name: str
    is_here: bool
    is_on_record: bool


@dataclass(frozen=True, slots=True)
class RegistryComparison:
    """`cause`: why the registry does not continue the log; None if it does. `since`: when the door noticed.

    `waiting`: actions that the door has yet to record; what differs may be theirs. `counts` are all that
    differ, by kind; `named` are the first of each. `fingerprint` stands for all of it.
    """

    cause: RollbackCause | None
    since: datetime | None
    waiting: int
    counts: Mapping[SubjectKind, int]
    named: Sequence[NamedSubject]
    fingerprint: str
    mark: RegistryMark | None = field(repr=False)

    @property
    def differing(self) -> int:
        return sum(self.counts.values())

    @property
    def can_be_accepted(self) -> bool:
        """Whether there is anything to accept that the door does not record by itself."""
        return self.cause is not None or bool(self.differing and not self.waiting)


def compare(acting: Acting, key: bytes | None = None) -> RegistryComparison:
    """Reads everything: some seconds where there are many people.

    The pages have no key of card numbers. So they show an acceptance once the door has found it authentic.
    """
    acting.require(Right.ACCEPT_REGISTRY)
    return comparison(acting.site, key)


def comparison(site: Site, key: bytes | None) -> RegistryComparison:
    """`key`: the card number key, for the MAC of an acceptance."""
    with site.journal.one_moment(), site.registry.read() as db:
        mark = site.journal.registry_mark()
        found = history.found_registry(db, SCHEMA, mark, key)
        cause = None if mark is None else rollback_cause(mark, found)
        waiting = 0
        if cause is None:
            copied = site.journal.last_action(found.registry_id)
            waiting = history.count_actions_after(db, copied)
        differing: Iterable[DifferingRight] = ()
        if site.journal.rights_are_complete():
            differing = differing_rights(partial(found_rights.rights_page, db), site.journal.rights_page)
        counts, first, fingerprint = _summary(differing, f"{found.registry_id} {cause}")
        return RegistryComparison(
            cause=cause,
            since=None if mark is None or cause is None else mark.rolled_back_utc,
            waiting=waiting,
            counts=counts,
            named=_named(site, db, first),
            fingerprint=fingerprint,
            mark=mark,
        )


def _summary(
    differing: Iterable[DifferingRight], registry: str
) -> tuple[Counter[SubjectKind], list[DifferingRight], str]:
    """How many of each kind, the first of them, and a fingerprint of all: another registry has none right."""
    counts: Counter[SubjectKind] = Counter()
    first = []
    fingerprint = hashlib.sha256(registry.encode())
    for one in differing:
        counts[one.subject.kind] += 1
        if counts[one.subject.kind] <= NAMED_AT_MOST:
            first.append(one)
        fingerprint.update(f"{one.subject.kind}:{one.subject.id}:{one.now!r}\n".encode())
    return counts, first, fingerprint.hexdigest()[:32]


def _named(site: Site, db: Connection, differing: Sequence[DifferingRight]) -> list[NamedSubject]:
    names = _recorded_names(site, [one.subject for one in differing if one.now is None])
    names |= _names(db, [one.subject for one in differing])
    return [
        NamedSubject(
            subject=one.subject,
            name=names.get(one.subject, ""),
            is_here=one.now is not None,
            is_on_record=one.on_record is not None,
        )
        for one in differing
    ]


def _recorded_names(site: Site, subjects: Sequence[Subject]) -> dict[Subject, str]:
    """As the log last named those that the registry lacks, except those recorded together with others."""
    names = {}
    for subject, entry in site.journal.records_of_rights(subjects).items():
        details = entry.details or {}
        values: dict[str, Json] = {}
        for part in (details.get("before"), details.get("after")):
            values |= part if isinstance(part, dict) else {}
        is_about_it = entry.codes.get("object_id") == subject.id
        name, last_four = (
            values.get("person" if subject.kind is SubjectKind.BADGE else "name"),
            values.get("last_four"),
        )
        if is_about_it and isinstance(name, str):
            names[subject] = f"{name} …{last_four}" if subject.kind is SubjectKind.BADGE else name
    return names


def _names(db: Connection, subjects: Sequence[Subject]) -> dict[Subject, str]:
    of_people = people.names(
        db, [id_ for kind, id_ in subjects if kind in (SubjectKind.PERSON, SubjectKind.PIN)]
    )
    named = {
        SubjectKind.PERSON: of_people,
        SubjectKind.PIN: of_people,
        SubjectKind.BADGE: badges.names(db, [id_ for kind, id_ in subjects if kind is SubjectKind.BADGE]),
        SubjectKind.LEVEL: {level.id: level.name for level in levels.all_levels(db)},
        SubjectKind.SCHEDULE: {one.id: one.name for one in schedules.all_schedules(db)},
        SubjectKind.OPERATOR: {one.id: one.display_name for one in operators.all_operators(db)},
    }
    return {
        subject: name
        for subject in subjects
        if (name := named.get(subject.kind, {}).get(subject.id)) is not None
    }
