"""A problem or doubt about a rule book: its place in the file, and one sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.errors import N_, OperatorError


@dataclass(frozen=True)
class Finding:
    """`where` is the path in the file, such as `areas.floor.rules.occupancy`.

    A warning does not prevent publishing. One that `holds_up` needs the operator's confirmation: it stays
    true for any people and badges.
    """

    where: str
    key: str
    fields: Mapping[str, object]
    is_warning: bool = False
    holds_up: bool = False

    def __str__(self) -> str:
        return self.key.format(**self.fields)


class RulesRefused(OperatorError):
    """The book was not published. The text is that of the first finding."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings[0].key, **findings[0].fields)
        self.findings = findings


def finding(where: str, key: str, name: object = "", **fields: object) -> Finding:
    return Finding(where, key, {"name": name, **fields})


def doubt(where: str, key: str, **fields: object) -> Finding:
    return Finding(where, key, fields, is_warning=True)


def clash(where: str, key: str, **fields: object) -> Finding:
    """A warning about rules that nobody can ever meet."""
    return Finding(where, key, fields, is_warning=True, holds_up=True)


def without_echoes(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Problems first. Leave out warnings about a rule with a problem: they repeat it."""
    every = tuple(found)
    problems = tuple(one for one in every if not one.is_warning)
    wrong = {_rule(one.where) for one in problems} - {""}
    return (*problems, *(one for one in every if one.is_warning and _rule(one.where) not in wrong))


def _rule(where: str) -> str:
    """`areas.floor.rules.occupancy.most` is about `areas.floor.rules.occupancy`; empty if about no rule."""
    place, found, field = where.partition(".rules.")
    return place + found + field.partition(".")[0] if found else ""


def no_access_point(where: str, name: str) -> Finding:
    return finding(where, N_("There is no access point {name} in genkan.toml; choose another."), name)


def no_door(where: str, name: str) -> Finding:
    return finding(where, N_("There is no door {name} in genkan.toml; correct the name."), name)
