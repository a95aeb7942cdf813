"""What is wrong, or doubtful, about a rule book: where it stands, and one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.errors import N_, OperatorError


@dataclass(frozen=True)
class Finding:
    """`where` is the path in the file, such as `areas.floor.rules.escort`. A warning may be overruled."""

    where: str
    key: str
    fields: Mapping[str, object]
    is_warning: bool = False

    def __str__(self) -> str:
        return self.key.format(**self.fields)


class RulesRefused(OperatorError):
    """Nothing was published. The text is that of the first finding."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings[0].key, **findings[0].fields)
        self.findings = findings


def finding(where: str, key: str, name: str = "", **fields: object) -> Finding:
    return Finding(where, key, {"name": name, **fields})


def doubt(where: str, key: str, **fields: object) -> Finding:
    return Finding(where, key, fields, is_warning=True)


def no_access_point(where: str, name: str) -> Finding:
    return finding(where, N_("There is no access point {name} in genkan.toml; choose another."), name)


def no_door(where: str, name: str) -> Finding:
    return finding(where, N_("There is no door {name} in genkan.toml; correct the name."), name)
