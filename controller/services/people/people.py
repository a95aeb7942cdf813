"""People (cardholders): find, add, change, suspend, resume."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from controller.model.credentials import CardholderStatus
from controller.model.orders import ActionType
from controller.registry import badges as badge_rows
from controller.registry import people as rows
from controller.registry.database import Connection
from controller.registry.level_times import HeldLevel, held_levels_of_all
from controller.registry.name_folding import folded
from controller.registry.people import PersonRow
from controller.registry.standing import standing as standing_of
from controller.registry.standing import standings as standings_of
from controller.services import erasures, typed_texts
from controller.services.acting import Acting
from controller.services.erasures import ErasureStatus
from controller.services.field_errors import FieldErrors
from controller.services.people import badge, holders
from controller.services.people import standing as standings
from controller.services.people.badge import Badge
from controller.services.people.standing import Standing
from controller.services.rights import Right
from controller.services.site import Site

MOST_FITTING = 20
MOST_NAMESAKES = 1000


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    kana: str  # reading of the name, "" if unknown; people are sorted by it
    status: CardholderStatus
    levels: tuple[HeldLevel, ...]
    badges: tuple[Badge, ...]
    standing: Standing

    @property
    def details(self) -> str:
        """The reading and the last digits of the badges, to distinguish people of the same name."""
        return rows.identity_details(self.kana, [badge.last_four for badge in self.badges])


@dataclass(frozen=True, slots=True)
class PeoplePage:
    people: tuple[Person, ...]
    next: str | None  # pass it as `after` for the following page; None: no more pages


@dataclass(frozen=True, slots=True)
class Fitting:
    """The people who match a typed text: at most 20 of `count`, exact names and readings first."""

    people: tuple[Person, ...]
    count: int
    exact: int  # number of `people` whose whole name or reading is the text

    @property
    def one(self) -> Person | None:
        """The only person who matches, or the only one whose whole name or reading matches."""
        return self.people[0] if self.count == 1 or self.exact == 1 else None


def search(acting: Acting, text: str = "", after: str | None = None, limit: int = 50) -> PeoplePage:
    """In order of reading; `text` is a part of name or reading, or the last four digits of a badge."""
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        found = rows.people_page(db, text, after, limit + 1)
        people = _build_people(acting.site, db, found[:limit])
    return PeoplePage(people, people[-1].id if len(found) > limit else None)


def find(acting: Acting, text: str) -> Fitting:
    """Match `text` with part of a name or reading, a badge's last four digits, or a reference.

    Width, case, spaces and the kind of kana don't matter. An empty text matches nobody.
    """
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        referred = rows.person(db, text.strip())
        if referred is not None:
            return Fitting((_build_person(acting.site, db, referred),), 1, 1)
        found, count = rows.people_fitting(db, text, MOST_FITTING)
        people = _build_people(acting.site, db, found)
    return Fitting(people, count, sum(_is_named(one, text) for one in people))


def named(acting: Acting, text: str) -> tuple[Person, ...]:
    """The person with this reference, or all whose whole name or reading it is.

    A part of a name names nobody: it could lead to a change of the wrong person.
    """
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        referred = rows.person(db, text.strip())
        fitting = [] if referred else rows.people_fitting(db, text, MOST_NAMESAKES)[0]
        found = [referred] if referred else [row for row in fitting if _is_named(row, text)]
        return _build_people(acting.site, db, found)


def get(acting: Acting, person_id: str) -> Person:
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        erasures.refuse_erased(db, person_id)
        return _build_person(acting.site, db, holders.require_person(rows.person(db, person_id)))


def identity_text(acting: Acting, person_id: str) -> str | None:
    """Name, reading and the last digits of the badges. None for an unknown or erased person."""
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        found = rows.identities(db, [person_id]).get(person_id)
    return None if found is None else found.text


def add(
    acting: Acting,
    name: str,
    kana: str = "",
    levels: Collection[str] = (),
    standing: Standing | None = None,
) -> Person:
    """`levels` are level ids."""
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.write() as db:
        name, kana = _refuse_bad(db, "", name, kana=kana, standing=standing)
        return _build_person(
            acting.site,
            db,
            holders.add_person(acting, db, name, kana, level_ids=levels, standing=standing),
        )


def edit(
    acting: Acting,
    person_id: str,
    name: str,
    kana: str = "",
    levels: Collection[str] = (),
    standing: Standing | None = None,
) -> Person:
    """Replace name, reading and levels, and the standing unless None. Record nothing if nothing differs."""
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.write() as db:
        before = holders.require_person(rows.person(db, person_id))
        name, kana = _refuse_bad(db, person_id, name, kana=kana, standing=standing)
        held = holders.level_names(db, person_id)
        after = replace(before, name=name, kana=kana)
        rows.change_person(db, after)
        rows.set_levels(db, person_id, holders.require_levels(db, levels))
        now_held = holders.level_names(db, person_id)
        was = standing_of(db, person_id)
        is_now = was if standing is None else standings.set_standing(db, person_id, standing)[1]
        if (after, now_held, is_now) != (before, held, was):
            acting.record(
                db,
                ActionType.PERSON_CHANGED,
                "person",
                person_id,
                before={
                    "name": before.name,
                    "kana": before.kana,
                    "levels": held,
                    **standings.audit_fields(was),
                },
                after={
                    "name": after.name,
                    "kana": after.kana,
                    "levels": now_held,
                    **standings.audit_fields(is_now),
                },
                about={"name": after.name},
            )
        return _build_person(acting.site, db, after)


def name_texts(name: str, kana: str) -> tuple[str, str]:
    """The name and its reading as they are stored."""
    with FieldErrors() as fields:
        name = fields.check(typed_texts.name_text, "name", name)
        kana = fields.check(typed_texts.optional_text, "kana", kana)
    return name, kana


def refuse_bad(acting: Acting, person_id: str, name: str, kana: str, category: str) -> None:
    """Refuse what `edit`, or `add` with "" for `person_id`, would refuse."""
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.read() as db:
        _refuse_bad(db, person_id, name, kana=kana, standing=Standing(category or None))


def set_standing(acting: Acting, person_id: str, standing: Standing) -> Person:
    """Replace the standing; name, reading and levels stay unchanged."""
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.write() as db:
        person = holders.require_person(rows.person(db, person_id))
        before, after = standings.set_standing(db, person_id, standing)
        if after != before:
            acting.record(
                db,
                ActionType.PERSON_CHANGED,
                "person",
                person_id,
                before=standings.audit_fields(before),
                after=standings.audit_fields(after),
                about={"name": person.name},
            )
        return _build_person(acting.site, db, person)


def suspend(acting: Acting, person_id: str, reason: str = "") -> Person:
    """The door refuses all the person's badges from the next tap on."""
    acting.require(Right.BLOCK_PEOPLE)
    return _set(
        acting, person_id, status=CardholderStatus.SUSPENDED, type_=ActionType.PERSON_SUSPENDED, reason=reason
    )


def resume(acting: Acting, person_id: str, reason: str = "") -> Person:
    acting.require(Right.EDIT_PEOPLE)
    return _set(
        acting, person_id, status=CardholderStatus.ACTIVE, type_=ActionType.PERSON_RESUMED, reason=reason
    )


def erasure(acting: Acting, person_id: str) -> ErasureStatus | None:
    """The progress of this person's erasure; None for a person who was never erased."""
    acting.require(Right.VIEW_PEOPLE)
    erasures.finish(acting.site.registry, acting.site.journal)
    return erasures.of_person(acting.site.registry, acting.site.journal, person_id)


def _refuse_bad(
    db: Connection, person_id: str, name: str, kana: str, standing: Standing | None
) -> tuple[str, str]:
    """The texts as they are stored. `person_id` is "" for a new person."""
    with FieldErrors() as fields:
        texts = fields.check(name_texts, name, kana)
        if standing is not None:
            fields.check(standings.refuse_unknown, db, standing_of(db, person_id), standing)
    return texts


def _set(
    acting: Acting,
    person_id: str,
    status: CardholderStatus,
    type_: ActionType,
    reason: str,
) -> Person:
    why = typed_texts.reason_text(reason)
    with acting.site.registry.write() as db:
        before = holders.require_person(rows.person(db, person_id))
        after = replace(before, status=status)
        if after != before:
            rows.change_person(db, after)
            acting.record(
                db,
                type_,
                "person",
                person_id,
                before={"status": before.status.value},
                after={"status": after.status.value},
                reason=why,
                about={"name": after.name},
            )
        return _build_person(acting.site, db, after)


def _build_person(site: Site, db: Connection, row: PersonRow) -> Person:
    return _build_people(site, db, [row])[0]


def _is_named(person: Person | PersonRow, text: str) -> bool:
    return folded(text) in (folded(person.name), folded(person.kana))


def _build_people(site: Site, db: Connection, people: Sequence[PersonRow]) -> tuple[Person, ...]:
    """In the order of `people`, with as many statements for fifty of them as for one."""
    ids = [row.id for row in people]
    levels, badges = held_levels_of_all(db, ids), badge_rows.badges_of_all(db, ids)
    standing = standings_of(db, ids)
    return tuple(
        Person(
            id=row.id,
            name=row.name,
            kana=row.kana,
            status=row.status,
            levels=tuple(levels.get(row.id, ())),
            badges=tuple(badge.build_badge(site, held) for held in badges.get(row.id, ())),
            standing=standing.get(row.id, Standing()),
        )
        for row in people
    )
