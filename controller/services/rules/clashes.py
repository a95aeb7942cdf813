"""Two enforced rules that nobody can meet together at an access point; an operator may still publish."""

from collections.abc import Iterator

from controller.config import Config
from controller.errors import N_
from controller.model.finding_names import PlaceName
from controller.model.rule_book import RuleBook
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.services.rules.check import inward, setting_path
from controller.services.rules.findings import Finding, clash


def clashes(book: RuleBook, config: Config) -> Iterator[Finding]:
    """Dual access refuses one person alone, and an occupancy of 1 refuses two.

    `unless_inside` does not help: a person inside already fills the area.
    """
    reported = set()
    for point, door, rules in inward(book, config):
        pair, bound = rules.get(RuleName.DUAL_ACCESS), rules.get(RuleName.OCCUPANCY)
        if not (isinstance(pair, DualAccessSetting) and isinstance(bound, OccupancySetting)):
            continue
        enforced = pair.mode is RuleMode.ENFORCE and bound.mode is RuleMode.ENFORCE
        where = setting_path(book, door, point, RuleName.DUAL_ACCESS)
        if bound.most != 1 or not enforced or book.area_entered(point) is None or where in reported:
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
