"""The number of people whom a rule may refuse."""

from controller.model.headcount import Headcount
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.rule_book import RuleBook
from controller.model.rules.setting import RuleSetting
from controller.registry.headcount import headcount
from controller.services.site import Site
from controller.services.rights import Right, require

__all__ = ["Headcount", "people", "reach"]


def people(site: Site, operator: Operator, now: Moment) -> Headcount:
    require(operator, Right.VIEW_ACCESS)
    with site.registry.read() as db:
        return headcount(db, now.utc.astimezone(site.config.site.time_zone).date())


def reach(setting: RuleSetting, book: RuleBook, people: Headcount) -> int:
    return setting.reach(book, people)
