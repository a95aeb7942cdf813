"""How many people an area holds, and how many of them are supervisors and regular staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.decision.presence import Presence
from controller.model.rule_book import RuleBook


@dataclass(frozen=True)
class Mix:
    people: int
    supervisors: int
    regulars: int

    @classmethod
    def inside(cls, area: str, presence: Presence, book: RuleBook) -> "Mix":
        return cls(
            presence.count(area),
            presence.count_of(area, book.supervisors),
            presence.count_of(area, book.regulars),
        )

    @classmethod
    def of(cls, categories: Iterable[str | None], book: RuleBook) -> "Mix":
        return cls(0, 0, 0).plus(categories, book)

    def plus(self, categories: Iterable[str | None], book: RuleBook) -> "Mix":
        mix = self
        for category in categories:
            mix = mix._changed(1, category, book)
        return mix

    def without(self, category: str | None, book: RuleBook) -> "Mix":
        return self._changed(-1, category, book)

    def _changed(self, by: int, category: str | None, book: RuleBook) -> "Mix":
        return Mix(
            self.people + by,
            self.supervisors + by * (category in book.supervisors),
            self.regulars + by * (category in book.regulars),
        )
