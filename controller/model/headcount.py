"""How many people there are of each kind."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Headcount:
    """Active people only. `categories` by name, None for people without one; `qualified` by qualification."""

    people: int
    categories: dict[str | None, int]
    qualified: dict[str, int]
    pins: int

    def of(self, categories: tuple[str, ...]) -> int:
        return sum(self.categories.get(one, 0) for one in dict.fromkeys(categories))
