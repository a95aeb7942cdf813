"""Staff mix: supervisors and regular staff among the people inside."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from controller.model.headcount import Headcount
from controller.model.message_key import N_
from controller.model.rules.setting import Remark, RuleSetting, Weight

if TYPE_CHECKING:
    from controller.model.rule_book import RuleBook, Rules


@dataclass(frozen=True)
class StaffMixSetting(RuleSetting):
    """Counts the person who enters. 0: the bound is not set. `alarm`: a mix that breaks at an exit is
    an alarm, not only a warning."""

    people_per_supervisor: int = 0  # one supervisor for each so many people, or part of them
    regular_percent: int = 0  # at least this share of regular staff
    regular_least: int = 0  # at least so many regular staff
    alarm: bool = False

    needs_kinds = True
    needs_area = True
    parts_clash = N_(
        "The staff mix requires a supervisor and regular staff, but no category counts as "
        "both, so nobody can enter first. Let supervisors count as regular staff, or remove "
        "one limit."
    )

    @property
    def needs_supervisor(self) -> bool:
        return self.people_per_supervisor > 0

    def problems(self) -> Iterator[Remark]:
        if not self.people_per_supervisor and not self.regular_percent and not self.regular_least:
            yield Remark("", N_("No limit is set, so the rule has no effect; set one."))
        elif self.regular_percent > 100:
            yield Remark("regular_percent", N_("A share must be 0 to 100 percent; correct it."))

    def doubts(self, book: "RuleBook", people: Headcount, beside: "Rules") -> Iterator[Remark]:
        bound = next((one for one in beside.values() if one.most_inside and not one.is_off), None)
        most = bound.most_inside if bound is not None else 0
        yield from self._supervisor_doubts(book, people, most)
        yield from self._regular_doubts(book, people)
        if bound is not None and 0 < most < self.regular_least:
            yield Remark(
                "regular_least",
                N_("The staff mix requires {least} regular staff, but at most {most} people may be inside."),
                {"least": self.regular_least, "most": most},
                Weight.CLASH if self.is_enforced and bound.is_enforced else Weight.DOUBT,
            )

    def _supervisor_doubts(self, book: "RuleBook", people: Headcount, most: int) -> Iterator[Remark]:
        kinds = tuple(sorted(book.supervisors))
        supervisors, each = people.of(kinds), self.people_per_supervisor
        if each and not supervisors:
            yield Remark(
                "people_per_supervisor",
                N_("There are no supervisors, so this staff mix can never be met and nobody can enter."),
                weight=self.unmet(kinds),
            )
        elif each and supervisors * each < min(most or people.people, people.people):
            yield Remark(
                "people_per_supervisor",
                N_("All supervisors together ({supervisors}) allow {people} people inside at most."),
                {"supervisors": supervisors, "people": supervisors * each},
                Weight.DOUBT,
            )

    def _regular_doubts(self, book: "RuleBook", people: Headcount) -> Iterator[Remark]:
        kinds = tuple(sorted(book.regulars))
        regular = people.of(kinds)
        if self.regular_least > regular:
            yield Remark(
                "regular_least",
                N_(
                    "The staff mix requires {least} regular staff but the site has {count}, so it can "
                    "never be met."
                ),
                {"least": self.regular_least, "count": regular},
                self.unmet(kinds),
            )
        elif self.regular_percent and not regular:
            yield Remark(
                "regular_percent",
                N_("There are no regular staff, so this staff mix can never be met and nobody can enter."),
                weight=self.unmet(kinds),
            )

    def parts(self) -> tuple[RuleSetting, ...]:
        """Supervisors and regular staff."""
        return (
            replace(self, regular_percent=0, regular_least=0),
            replace(self, people_per_supervisor=0),
        )
