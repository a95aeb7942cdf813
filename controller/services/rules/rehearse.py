"""Rehearse edited rules before publishing: find taps of the last 30 days whose result would be different.

The rehearsal asks the edited rule book about each tap again, with the schedules and access levels that come
with it, and compares the result with the log; people, categories and qualifications are those of now. A
changed result changes who is inside after it (`counterfactual.py`). Lockdowns are those of the log, doors
count as closed, and a PIN as entered by anyone who has one unless the log says otherwise.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from controller.model.operators import Operator
from controller.model.rule_book import RuleBook
from controller.services.acting import Acting
from controller.services.explain.current_facts import facts_now
from controller.services.log.entry_log import record_view
from controller.services.rights import Right, require
from controller.services.rules import books as rule_books
from controller.services.rules import category_moves
from controller.services.rules import import_file as rules_import
from controller.services.rules.file import RulesFile
from controller.services.rules.findings import RulesRefused
from controller.services.rules.rehearsal_result import Change, RehearsalResult, RehearsalStopped, Watch
from controller.services.rules.rehearse_taps import WINDOW, TapReplay

__all__ = [
    "WINDOW",
    "Change",
    "RehearsalResult",
    "RehearsalStopped",
    "Watch",
    "prepare",
    "rehearse",
    "viewed",
]


def rehearse(
    acting: Acting,
    edited: RuleBook | RulesFile,
    watch: Watch = lambda _: False,
) -> RehearsalResult:
    """Changes newest first. Raise RulesRefused for rules that cannot be published, and RehearsalStopped."""
    return prepare(acting, edited)(watch)


def prepare(acting: Acting, edited: RuleBook | RulesFile) -> Callable[[Watch], RehearsalResult]:
    """Check rights and rules; return the rehearsal, which may run later, on any one thread.

    A file without rules uses the rule book in force.
    """
    require_rights(acting.operator)
    file = edited if isinstance(edited, RulesFile) else RulesFile(edited, {}, {})
    db = acting.site.registry.scratch()
    try:
        schedules, levels = rules_import.save_times(acting, db, file)
        facts = replace(facts_now(acting.site, db), lockdowns=frozenset())  # they come from the log
        in_force = facts.book.version
        if file.book is not None:
            found = rule_books.findings_in(acting, db, file.book)
            problems = [
                one for one in found if not one.is_warning and not one.where.startswith(category_moves.WHERE)
            ]
            if problems:
                raise RulesRefused(tuple(problems))
            facts = replace(facts, book=file.book)
        viewed(acting)
    except BaseException:
        db.close()
        raise

    def run(watch: Watch) -> RehearsalResult:
        with closing(db):
            found = TapReplay(acting, db, facts).run(watch)
        return replace(found, in_force=in_force, schedules=schedules, levels=levels)

    return run


def require_rights(operator: Operator) -> None:
    require(operator, Right.VIEW_ACCESS)
    require(operator, Right.VIEW_PRESENCE)


def viewed(acting: Acting) -> None:
    """Record that an operator viewed a rehearsal: it shows people's taps."""
    record_view(acting, {"view": "rehearsal"})
