"""What the settings of all rules share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from controller.model.finding_names import PlaceName
from controller.model.headcount import Headcount
from controller.model.message_key import N_

if TYPE_CHECKING:
    from controller.model.rule_book import RuleBook, Rules


class RuleMode(StrEnum):
    OFF = "off"
    OBSERVE = "observe"  # records what it would have refused
    ENFORCE = "enforce"


class NameOf(StrEnum):
    """The kind of names that a field holds."""

    CATEGORY = "category"
    QUALIFICATION = "qualification"
    DOOR = "door"
    ACCESS_POINT = "access_point"


def naming(kind: NameOf) -> Any:
    """A required field that holds names of this kind."""
    return field(metadata={"names": kind})


class Weight(StrEnum):
    PROBLEM = "problem"  # nobody can publish it
    CLASH = "clash"  # nobody can ever meet it; an operator may overrule it
    DOUBT = "doubt"  # more people, PINs or qualifications would resolve it


@dataclass(frozen=True)
class Remark:
    """What is wrong or doubtful about a setting. `part`: the field, empty for the rule as a whole."""

    part: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    weight: Weight = Weight.PROBLEM


@dataclass(frozen=True)
class RuleSetting:
    """One rule of an area or a door."""

    mode: RuleMode

    # Whether the rule asks who is inside, or who passed where before.
    needs_presence: ClassVar[bool] = True
    # Whether the rule asks what the person is, and who of which kind is inside or came before.
    needs_kinds: ClassVar[bool] = False
    # Whether the rule does nothing at a door that leads into no area.
    needs_area: ClassVar[bool] = False
    # What to correct where no category meets all `parts` of the setting.
    parts_clash: ClassVar[str] = ""

    @property
    def is_off(self) -> bool:
        return self.mode is RuleMode.OFF

    @property
    def is_enforced(self) -> bool:
        return self.mode is RuleMode.ENFORCE

    @property
    def needs_supervisor(self) -> bool:
        """Whether people enter only while a supervisor is inside."""
        return False

    @property
    def earlier(self) -> str:
        """The access point that people must pass before they enter; empty: none."""
        return ""

    @property
    def needs_outer(self) -> bool:
        """Whether people enter an inner area only from the area around it."""
        return False

    @property
    def second_within(self) -> int:
        """The seconds within which a second person must tap; 0: one person may enter."""
        return 0

    @property
    def most_inside(self) -> int:
        """How many people may be inside; 0: any number."""
        return 0

    @property
    def minutes_apart(self) -> int:
        """The minutes from one entry of a person to the next; 0: none."""
        return 0

    @classmethod
    def fields_naming(cls, kind: NameOf) -> tuple[str, ...]:
        return tuple(one.name for one in fields(cls) if one.metadata.get("names") is kind)

    def names(self, kind: NameOf) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each field that holds names of this kind, with its names; a field may hold one name or several."""
        for field_name in self.fields_naming(kind):
            value: str | tuple[str, ...] = getattr(self, field_name)
            yield field_name, (value,) if isinstance(value, str) else value

    def problems(self) -> Iterator[Remark]:
        """Settings that are wrong at any site."""
        yield from ()

    def problems_at(self, door: PlaceName) -> Iterator[Remark]:
        """Problems of this setting at this door."""
        yield from ()

    def problems_without_area(self, door: PlaceName) -> Iterator[Remark]:
        """Problems of this setting at a door that leads into no area."""
        if self.needs_area:
            yield Remark(
                "",
                N_(
                    "The door {name} leads into no area, so the rule has no effect; make it an entry of "
                    "an area."
                ),
                {"name": door},
            )

    def doubts(self, book: "RuleBook", people: Headcount, beside: "Rules") -> Iterator[Remark]:
        """Doubtful settings for the people of the site. `beside`: all rules of the same place."""
        yield from ()

    def reach(self, book: "RuleBook", people: Headcount) -> int:
        """How many people the rule may refuse."""
        return people.people

    def parts(self) -> tuple["RuleSetting", ...]:
        """The demands of the setting, each as a setting of its own."""
        return (self,)

    def unmet(self, met_by: tuple[str, ...]) -> Weight:
        """The weight of a demand that nobody meets. `met_by`: the categories whose people could."""
        return Weight.CLASH if self.is_enforced and not met_by else Weight.DOUBT
