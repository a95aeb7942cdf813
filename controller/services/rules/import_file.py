"""Import a file of rules in one write, all or nothing; export the rules in force as such a file."""

from dataclasses import dataclass, replace

from controller.errors import N_
from controller.registry import levels as level_rows
from controller.registry import rule_books as book_rows
from controller.registry import schedules as schedule_rows
from controller.registry.database import Connection, new_reference
from controller.services import typed_texts
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.rights import Right
from controller.services.rules import books as rule_books
from controller.services.rules.category_moves import NO_MOVES, Moves
from controller.services.rules.file import RulesFile, read, to_text
from controller.services.rules.findings import NO_ACCESS_POINT, Finding, RulesRefused
from controller.services.site import Site


@dataclass(frozen=True)
class Imported:
    """`version` is in force now; `schedules` and `levels` were added or changed."""

    version: int
    is_new: bool
    schedules: tuple[str, ...]
    levels: tuple[str, ...]


def export_rules(acting: Acting, version: int | None = None) -> str:
    """The rule book in force, or an earlier version, with the present schedules and levels, as TOML."""
    acting.require(Right.VIEW_ACCESS)
    book = rule_books.newest(acting) if version is None else rule_books.book(acting, version)
    with acting.site.registry.read() as db:
        return to_text(book, schedule_rows.all_schedules(db), level_rows.all_levels(db))


def import_rules(
    acting: Acting,
    content: bytes,
    note: str,
    heed_warnings: bool,
    moves: Moves = NO_MOVES,
) -> Imported:
    """Import everything in the file, or raise RulesRefused and change nothing."""
    acting.require(Right.PUBLISH_RULES)
    acting.require(Right.EDIT_ACCESS)
    why = typed_texts.reason_text(note)
    file = read(content)
    with acting.site.registry.write() as db:
        changed_schedules, changed_levels = save_times(acting, db, file)
        before = book_rows.newest_book(db)
        if file.book is None or file.book == replace(before, version=0):
            return Imported(before.version, False, changed_schedules, changed_levels)
        version = rule_books.publish_book(
            acting, db, file.book, why, heed_warnings=heed_warnings, moves=moves
        )
    return Imported(version, True, changed_schedules, changed_levels)


def save_times(acting: Acting, db: Connection, file: RulesFile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Save the file's schedules and access levels; return the names of those added or changed.

    Raise RulesRefused.
    """
    return _schedules(acting, db, file), _levels(acting, db, file)


def _schedules(acting: Acting, db: Connection, file: RulesFile) -> tuple[str, ...]:
    existing = {one.name: one for one in schedule_rows.all_schedules(db)}
    changed = []
    for name, times in file.schedules.items():
        before = existing.get(name)
        if before is not None and before.always:
            key = N_("The schedule “always” is built in and cannot be changed; add another one.")
            raise RulesRefused((Finding(f"schedules.{name}", key),))
        id_ = new_reference() if before is None else before.id
        if (
            schedules.save_schedule(
                acting, db, before, schedule_id=id_, name=name, windows=times.windows, special=times.special
            )
            != before
        ):
            changed.append(name)
    return tuple(changed)


def _levels(acting: Acting, db: Connection, file: RulesFile) -> tuple[str, ...]:
    existing = {one.name: one for one in level_rows.all_levels(db)}
    ids = {one.name: one.id for one in schedule_rows.all_schedules(db)}
    changed = []
    for name, rules in file.levels.items():
        before = existing.get(name)
        existing_points = {point for point, _, _ in before.rules} if before else set()
        found = [
            problem
            for pair in rules
            if (
                problem := _missing(f"levels.{name}", acting.site, pair, ids, existing_points=existing_points)
            )
        ]
        if found:
            raise RulesRefused(tuple(found))
        id_ = new_reference() if before is None else before.id
        pairs = [(point, ids[schedule]) for point, schedule in rules]
        if levels.save_level(acting, db, before, level_id=id_, name=name, rules=pairs) != before:
            changed.append(name)
    return tuple(changed)


def _missing(
    where: str, site: Site, pair: tuple[str, str], ids: dict[str, str], existing_points: set[str]
) -> Finding | None:
    """A level may keep an access point that genkan.toml no longer has, but not add one."""
    point, schedule = pair
    if point not in site.config.access_points and point not in existing_points:
        return Finding(f"{where}.{point}", NO_ACCESS_POINT, {"name": point})
    if schedule not in ids:
        key = N_("There is no schedule named {name}; add it, or choose another.")
        return Finding(f"{where}.{point}", key, {"name": schedule})
    return None
