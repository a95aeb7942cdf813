"""The definitions in force at the door: those of the registry that are on record, and else earlier ones.

A definition without a record may secure a door and never releases one. Belongs to the decide thread.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from controller.errors import JournalUnavailable
from controller.journal.rights import InForce, RightsInForce
from controller.model.access import DefinitionRecords, LevelMembership
from controller.model.definitions import DAYS, RULES, Definitions
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind
from controller.model.rule_book import RuleBook
from controller.registry.lookup import RegistryReader

T = TypeVar("T")


@dataclass(frozen=True)
class DefinitionsNow:
    """`effective` decide about taps. `on_record` decide which doors unlock: the log has an action for each.
    `unaccounted`: the ones in which registry and log differ. `seqs`: the newest record of each.
    """

    effective: Definitions
    on_record: Definitions
    in_registry: Definitions
    unaccounted: frozenset[Subject] = frozenset()
    seqs: Mapping[Subject, int] = field(default_factory=lambda: MappingProxyType({}))

    def used_at(self, access_point: str, held: Collection[LevelMembership]) -> frozenset[Subject]:
        """The definitions that a tap of somebody with these levels depends on here."""
        used = self.effective.used_at(access_point, held)
        if self.in_registry is self.effective:
            return used
        return used | self.in_registry.used_at(access_point, held)

    def found(self, subjects: Iterable[Subject]) -> frozenset[SubjectDigest]:
        """What the registry holds of these."""
        return frozenset(SubjectDigest(one, self.in_registry.digests.get(one)) for one in subjects)

    def definition_records(self, used: Iterable[Subject]) -> DefinitionRecords | None:
        """None until all rights are on record."""
        by_kind: dict[SubjectKind, int] = {}
        for subject in used:
            seq = self.seqs.get(subject)
            if seq is not None:
                by_kind[subject.kind] = max(seq, by_kind.get(subject.kind, 0))
        rules, days = by_kind.get(SubjectKind.RULES), by_kind.get(SubjectKind.DAYS)
        if rules is None or days is None:
            return None
        return DefinitionRecords(
            rules, by_kind.get(SubjectKind.LEVEL), max(days, by_kind.get(SubjectKind.SCHEDULE, days))
        )


class DefinitionsInForce:
    def __init__(self, in_force: RightsInForce, refuses: bool) -> None:
        """`refuses`: whether only definitions on record decide about taps."""
        self._in_force = in_force
        self._refuses = refuses
        self._read: Definitions | None = None
        self._is_settled = False  # all of `_read` are on record
        self._now: DefinitionsNow | None = None
        self._earlier: Definitions | None = None  # the newest that were compared with the log

    def of(self, listing: RegistryReader, is_copy: bool) -> DefinitionsNow:
        """The same object as before if nothing has changed. Raises a GenkanError if one cannot be read."""
        read = listing.current or listing.definitions()
        if self._now is not None and self._is_settled and read is self._read:
            return self._now
        try:
            in_force = self._in_force.definitions()
        except JournalUnavailable:
            self._now = self._now or _all_accounted(read)
            return self._now
        now = _compared(read, in_force)
        if now.unaccounted:
            on_record = _merged(read, now.unaccounted, self._earlier, is_copy)
            now = replace(now, effective=on_record if self._refuses else read, on_record=on_record)
        self._read, self._is_settled = read, in_force is not None and not now.unaccounted
        self._earlier = now.on_record
        if now != self._now:
            self._now = now
        return self._now or now


def are_on_record(read: Definitions, in_force: RightsInForce) -> bool:
    """Whether all of these are on record; True as long as not all rights are on record."""
    try:
        return not _compared(read, in_force.definitions()).unaccounted
    except JournalUnavailable:
        return False


def _compared(read: Definitions, in_force: Mapping[Subject, InForce] | None) -> DefinitionsNow:
    """Without rights on record, those of the registry are in force."""
    if in_force is None:
        return _all_accounted(read)
    differing = {
        subject
        for subject in {*read.digests, *in_force}
        if subject not in in_force or in_force[subject].digest != read.digests.get(subject)
    }
    seqs = {subject: one.seq for subject, one in in_force.items()}
    return replace(_all_accounted(read), unaccounted=frozenset(differing), seqs=seqs)


def _all_accounted(read: Definitions) -> DefinitionsNow:
    return DefinitionsNow(effective=read, on_record=read, in_registry=read)


def _merged(
    read: Definitions, unaccounted: frozenset[Subject], earlier: Definitions | None, is_copy: bool
) -> Definitions:
    """Earlier ones hold in place of those without a record. The last good copy is itself the earlier one
    of a door that has just started; with no earlier one, nothing is defined.
    """
    if earlier is None and is_copy:
        return read
    had = earlier or Definitions()

    def kept(kind: SubjectKind, now: Mapping[str, T], then: Mapping[str, T]) -> dict[str, T]:
        held = {id_: one for id_, one in now.items() if Subject(kind, id_) not in unaccounted}
        return held | {id_: one for id_, one in then.items() if Subject(kind, id_) in unaccounted}

    book = had.book if RULES in unaccounted else read.book
    if earlier is None and not unaccounted.isdisjoint({RULES, DAYS}):
        book = RuleBook()  # no door unlocks by a schedule
    return replace(
        read,
        book=book,
        schedules=kept(SubjectKind.SCHEDULE, read.schedules, had.schedules),
        levels=kept(SubjectKind.LEVEL, read.levels, had.levels),
        day_types=had.day_types if DAYS in unaccounted else read.day_types,
    )
