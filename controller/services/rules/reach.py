"""The number of people whom a rule may refuse."""

from controller.model.headcount import Headcount
from controller.model.rule_book import RuleBook
from controller.model.rules.setting import RuleSetting
from controller.registry.headcount import headcount
from controller.services.acting import Acting
from controller.services.rights import Right

__all__ = ["Headcount", "people", "reach"]


def people(acting: Acting) -> Headcount:
    acting.require(Right.VIEW_ACCESS)
    with acting.site.registry.read() as db:
        return headcount(db, acting.moment.utc.astimezone(acting.site.config.site.time_zone).date())


def reach(setting: RuleSetting, book: RuleBook, people: Headcount) -> int:
    return setting.reach(book, people)
