"""Import of badges from CSV: `check` reads and stages the whole file, `publish` enables all of it or nothing.

Columns: name, idm, and optionally kana, level, category, valid_from, valid_until, by any title of
`import_titles.py`. Each line adds a new person with one badge. Two lines with the same name, or a line with
the name of an existing person, add separate people and a warning: confusing two people in the log is worse
than having one person twice.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from controller.errors import N_, BadInput, Conflict, refused_values
from controller.model.import_codes import ImportCode
from controller.model.orders import ActionType
from controller.registry import badges, levels, people, rule_books
from controller.registry import imports as rows
from controller.registry.database import Connection, new_reference
from controller.registry.imports import StagedImport, StagedRow
from controller.registry.name_folding import folded
from controller.services.acting import Acting
from controller.services.people.import_file import MAX_BYTES, MAX_ROWS, BadRow, ImportFile, Row, too_many_rows
from controller.services.people.import_notes import LineProblem, Notes
from controller.services.people.import_rows import PreviewRow, Vocabulary, card_of, parsed, preview
from controller.services.rights import Right
from controller.services.site import Site

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "ImportReport",
    "LineProblem",
    "PreviewRow",
    "check",
    "discard",
    "publish",
]

PREVIEWED = 10


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`import_id` is set if there are no problems: pass it to `publish` within an hour."""

    rows: int
    problems: tuple[LineProblem, ...]  # the first 100 different ones, each for all its lines
    problem_count: int  # lines
    warnings: tuple[LineProblem, ...]
    warning_count: int
    import_id: str | None
    first_rows: tuple[PreviewRow, ...]  # rows without a problem, as they will be imported


def check(acting: Acting, content: bytes) -> ImportReport:
    """The dry run; nothing becomes visible. It replaces an earlier unpublished import.

    A file too large, not a CSV at all or without the needed columns raises BadInput("file", …).
    """
    acting.require(Right.EDIT_PEOPLE)
    file = ImportFile(content)
    with rows.one_import(acting.site.registry) as free:
        if not free:
            raise Conflict(N_("Another import is being checked; try again when it is done."))
        rows.remove(acting.site.registry, rows.unpublished(acting.site.registry))
        report = _checked(acting.site, file)
        if report.problem_count:
            return report
        staged = StagedImport(
            new_reference(), acting.operator.id, hashlib.sha256(content).hexdigest(), report.rows
        )
        rows.stage(acting.site.registry, staged, acting.moment.utc, _staged_rows(acting.site, file))
    return replace(report, import_id=staged.id)


def publish(acting: Acting, import_id: str) -> int:
    """Make the checked import visible in one transaction; return the number of badges."""
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.write() as db:
        staged = _own(acting, db, import_id)
        rows.publish(db, import_id, acting.moment.utc)
        acting.record(
            db,
            ActionType.BADGES_IMPORTED,
            "import",
            import_id,
            after={"rows": staged.rows, "content_sha256": staged.content_hash},
        )
        return staged.rows


def discard(acting: Acting, import_id: str) -> None:
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.read() as db:
        _own(acting, db, import_id)
    with rows.one_import(acting.site.registry) as free:
        if free:  # otherwise the process with the lock removes this import
            rows.remove(acting.site.registry, [import_id])


def _own(acting: Acting, db: Connection, import_id: str) -> StagedImport:
    staged = rows.staged_import(db, import_id)
    if staged is None or staged.operator_id != acting.operator.id:
        raise Conflict(N_("The checked import no longer exists; choose the file and check it again."))
    return staged


def _checked(site: Site, file: ImportFile) -> ImportReport:
    problems, warnings = Notes(), Notes()
    first_rows: list[PreviewRow] = []
    numbers: dict[bytes, int] = {}  # card hash → line
    names: dict[str, tuple[int, str]] = {}  # by folded name: the first line with it, and its spelling there
    row_count = 0
    with site.registry.read() as db:
        vocabulary = _vocabulary(db)
        for row in file.rows():
            row_count += 1
            if row_count > MAX_ROWS:
                raise too_many_rows()
            if isinstance(row, BadRow):
                problems.add(row.line, row.code)
                continue
            try:
                staged = parsed(site, row, vocabulary)
            except BadInput as error:
                _note_refused(row.line, error, problems)
                with suppress(BadInput):
                    _note_enrolled(db, row.line, card_of(site, row).card_hash, numbers, problems=problems)
                continue
            _note_enrolled(db, row.line, staged.card_hash, numbers, problems=problems)
            _note_namesake(row.line, staged.person.name, names, warnings)
            if len(first_rows) < PREVIEWED:
                first_rows.append(preview(site, row.line, staged, vocabulary))
        _note_people_here(db, names, warnings)
    if not row_count:
        raise BadInput("file", N_("The file has no rows under its header; add one for each badge."))
    by_line = tuple(sorted(warnings.notes, key=lambda note: note.line))
    return ImportReport(
        rows=row_count,
        problems=problems.notes,
        problem_count=problems.count,
        warnings=by_line,
        warning_count=warnings.count,
        import_id=None,
        first_rows=tuple(first_rows),
    )


def _staged_rows(site: Site, file: ImportFile) -> Iterator[StagedRow]:
    with site.registry.read() as db:
        vocabulary = _vocabulary(db)
    for row in file.rows():
        assert isinstance(row, Row)  # noqa: S101 - the check found no other
        yield parsed(site, row, vocabulary)


def _vocabulary(db: Connection) -> Vocabulary:
    return Vocabulary(levels.level_ids_by_name(db), rule_books.newest_book(db).categories)


def _note_refused(line: int, error: BadInput, problems: Notes) -> None:
    for one in refused_values(error):
        if not isinstance(one, BadInput) or one.code is None:
            raise one
        problems.add(line, one.code, one.fields)


def _note_enrolled(
    db: Connection, line: int, card_hash: bytes, numbers: dict[bytes, int], problems: Notes
) -> None:
    first = numbers.setdefault(card_hash, line)
    if first != line:
        problems.add(line, ImportCode.NUMBER_TWICE, {"first": first})
        return
    held = badges.badge_with_hash(db, card_hash)
    if held is not None:
        problems.add(line, ImportCode.ENROLLED, {"person": held.person_name})


def _note_namesake(line: int, name: str, names: dict[str, tuple[int, str]], warnings: Notes) -> None:
    """Compare names like the search: without spaces and width."""
    first, _ = names.setdefault(folded(name), (line, name))
    if first != line:
        warnings.add(line, ImportCode.NAME_TWICE, {"name": name, "first": first})


def _note_people_here(db: Connection, names: dict[str, tuple[int, str]], warnings: Notes) -> None:
    """One pass over everybody: the registry has no index of folded names."""
    here = {one for one in people.folded_names(db) if one in names}
    for line, name in sorted(names[one] for one in here):
        warnings.add(line, ImportCode.NAME_EXISTS, {"name": name})
