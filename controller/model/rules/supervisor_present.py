"""Supervisor present: some people enter only while a supervisor is inside."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.model.headcount import Headcount
from controller.model.message_key import N_
from controller.model.rules.setting import NameOf, Remark, RuleSetting, naming

if TYPE_CHECKING:
    from controller.model.rule_book import RuleBook, Rules


@dataclass(frozen=True)
class SupervisorPresentSetting(RuleSetting):
    """People of `categories` enter only while a supervisor is inside."""

    categories: tuple[str, ...] = naming(NameOf.CATEGORY)

    needs_kinds = True
    needs_area = True

    @property
    def needs_supervisor(self) -> bool:
        return True

    def doubts(self, book: "RuleBook", people: Headcount, beside: "Rules") -> Iterator[Remark]:
        supervisors = tuple(sorted(book.supervisors))
        if not people.of(supervisors):
            yield Remark(
                "",
                N_("There are no supervisors, so people of these categories can never enter."),
                weight=self.unmet(supervisors),
            )

    def reach(self, book: "RuleBook", people: Headcount) -> int:
        return people.of(tuple(name for name in self.categories if name not in book.supervisors))
