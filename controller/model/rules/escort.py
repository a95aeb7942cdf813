"""Escort: visitors enter behind a person who answers for them and is still inside."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.model.finding_names import CategoryName, NameList, PlaceName
from controller.model.headcount import Headcount
from controller.model.message_key import N_
from controller.model.rules.setting import NameOf, Remark, RuleSetting, Weight, naming

if TYPE_CHECKING:
    from controller.model.rule_book import RuleBook, Rules

LONGEST_WAIT = 600  # seconds between the escort and the visitor


@dataclass(frozen=True)
class EscortSetting(RuleSetting):
    """People of `categories` enter within `seconds` after a person of `escorts` at the same access point, who
    is still inside. 0 seconds: while a person of `escorts` is inside."""

    categories: tuple[str, ...] = naming(NameOf.CATEGORY)
    escorts: tuple[str, ...] = naming(NameOf.CATEGORY)
    seconds: int = 30

    needs_kinds = True

    def problems(self) -> Iterator[Remark]:
        both = sorted({*self.categories} & {*self.escorts})
        if self.seconds > LONGEST_WAIT:
            yield Remark(
                "seconds",
                N_("The time must be 0 to {most} seconds; 0 asks only that an escort is inside. Correct it."),
                {"most": LONGEST_WAIT},
            )
        elif both:
            yield Remark(
                "escorts",
                N_("{name} would need an escort and be one; keep it in one of the two lists."),
                {"name": NameList(map(CategoryName, both))},
            )

    def problems_without_area(self, door: PlaceName) -> Iterator[Remark]:
        if self.seconds == 0:
            yield Remark(
                "seconds",
                N_(
                    "The door {name} leads into no area, so Genkan cannot detect whether an escort is "
                    "inside; write 1 second or more, or make the door an entry of an area."
                ),
                {"name": door},
            )

    def doubts(self, book: "RuleBook", people: Headcount, beside: "Rules") -> Iterator[Remark]:
        if not people.of(self.escorts):
            yield Remark(
                "",
                N_(
                    "No person belongs to the categories that escort ({names}), so people who need an "
                    "escort can never enter."
                ),
                {"names": NameList(map(CategoryName, self.escorts))},
                Weight.DOUBT,
            )

    def reach(self, book: "RuleBook", people: Headcount) -> int:
        return people.of(self.categories)
