"""Two enforced rules that nobody can meet together at an access point; an operator may still publish."""

from collections.abc import Iterator

from controller.config import Config
from controller.errors import N_
from controller.model.finding_names import PlaceName
from controller.model.rule_book import RuleBook
from controller.services.rules.check import first_rule, inward, setting_path
from controller.services.rules.findings import Finding, clash


def clashes(book: RuleBook, config: Config) -> Iterator[Finding]:
    """One rule refuses one person alone, and another refuses two.

    `unless_inside` does not help: a person inside already fills the area.
    """
    reported = set()
    for point, door, rules in inward(book, config):
        pair = first_rule(rules, lambda one: one.second_within and one.is_enforced)
        bound = first_rule(rules, lambda one: one.most_inside == 1 and one.is_enforced)
        if pair is None or bound is None or book.area_entered(point) is None:
            continue
        where = setting_path(book, door, point, pair)
        if where in reported:
            continue
        reported.add(where)
        yield clash(
            where,
            N_(
                "Two people must enter together but at most 1 may be inside, so nobody can enter by "
                "{name}; raise the number, or turn one of the two rules off."
            ),
            name=PlaceName(point),
        )
