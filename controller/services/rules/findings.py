"""A problem or doubt about a rule book: its place in the file, and one sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from controller.errors import N_, OperatorError
from controller.model.rules.setting import Weight

NO_ACCESS_POINT = N_("There is no access point {name} in genkan.toml; choose another.")
NO_DOOR = N_("There is no door {name} in genkan.toml; correct the name.")


@dataclass(frozen=True)
class Finding:
    """`where` is the path in the file, such as `areas.floor.rules.occupancy`."""

    where: str
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)
    weight: Weight = Weight.PROBLEM

    @property
    def is_warning(self) -> bool:
        """Whether the book can be published all the same."""
        return self.weight is not Weight.PROBLEM

    @property
    def holds_up(self) -> bool:
        """Whether publishing needs the operator's confirmation: it stays true for any people and badges."""
        return self.weight is Weight.CLASH

    def __str__(self) -> str:
        return self.key.format(**self.fields)


class RulesRefused(OperatorError):
    """The book was not published. The text is that of the first finding."""

    findings: tuple[Finding, ...]

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings[0].key, **findings[0].fields)
        self.findings = findings


def without_echoes(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Problems first. Leave out warnings about a rule with a problem: they repeat it."""
    every = tuple(found)
    problems = tuple(one for one in every if not one.is_warning)
    wrong = {_rule(one.where) for one in problems} - {""}
    return (*problems, *(one for one in every if one.is_warning and _rule(one.where) not in wrong))


def _rule(where: str) -> str:
    """`areas.floor.rules.occupancy.most` is about `areas.floor.rules.occupancy`; empty if about no rule."""
    place, found, rest = where.partition(".rules.")
    return place + found + rest.partition(".")[0] if found else ""
