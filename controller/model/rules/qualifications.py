"""Qualifications: what makes a person fit to enter, until its last day."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.model.finding_names import QualificationName
from controller.model.headcount import Headcount
from controller.model.message_key import N_
from controller.model.rules.setting import NameOf, Remark, RuleSetting, Weight, naming

if TYPE_CHECKING:
    from controller.model.rule_book import RuleBook, Rules


@dataclass(frozen=True)
class QualificationsSetting(RuleSetting):
    """The person must hold all that are `required`."""

    required: tuple[str, ...] = naming(NameOf.QUALIFICATION)

    needs_presence = False

    def problems(self) -> Iterator[Remark]:
        if not self.required:
            yield Remark("required", N_("The rule names no qualification, so it has no effect; name one."))

    def doubts(self, book: "RuleBook", people: Headcount, beside: "Rules") -> Iterator[Remark]:
        for name in self.required:
            if not people.qualified.get(name):
                yield Remark(
                    "",
                    N_("Nobody has the qualification {name}, so nobody can enter."),
                    {"name": QualificationName(name)},
                    Weight.DOUBT,
                )

    def reach(self, book: "RuleBook", people: Headcount) -> int:
        """Of several qualifications, the people who lack the one that most people lack."""
        return people.people - min((people.qualified.get(name, 0) for name in self.required), default=0)
