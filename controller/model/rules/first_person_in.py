"""First person in: others enter once a trusted person has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.model.finding_names import CategoryName, NameList
from controller.model.headcount import Headcount
from controller.model.message_key import N_
from controller.model.rules.setting import NameOf, Remark, RuleSetting, Weight, naming

if TYPE_CHECKING:
    from controller.model.rule_book import RuleBook, Rules


@dataclass(frozen=True)
class FirstPersonInSetting(RuleSetting):
    """Nobody enters before a person of `categories` has, on the same day of the site."""

    categories: tuple[str, ...] = naming(NameOf.CATEGORY)

    needs_kinds = True
    needs_area = True

    def doubts(self, book: "RuleBook", people: Headcount, beside: "Rules") -> Iterator[Remark]:
        if not people.of(self.categories):
            yield Remark(
                "",
                N_("No person belongs to the categories that come in first ({names}), so nobody can enter."),
                {"names": NameList(map(CategoryName, self.categories))},
                Weight.DOUBT,
            )

    def reach(self, book: "RuleBook", people: Headcount) -> int:
        return people.people - people.of(self.categories)
