"""The number of people whom a rule may refuse."""

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.rule_book import (
    EscortSetting,
    FirstPersonInSetting,
    QualificationsSetting,
    RuleBook,
    Setting,
    SupervisorPresentSetting,
)
from controller.registry.headcount import Headcount, headcount
from controller.services.house import House
from controller.services.rights import Right, require

__all__ = ["Headcount", "people", "reach"]


def people(house: House, operator: Operator, now: Moment) -> Headcount:
    require(operator, Right.VIEW_ACCESS)
    with house.registry.read() as db:
        return headcount(db, now.utc.astimezone(house.config.site.time_zone).date())


def reach(setting: Setting, book: RuleBook, people: Headcount) -> int:
    """For several qualifications: the people who lack the one that most people lack."""
    match setting:
        case SupervisorPresentSetting(categories=names):
            return people.of(tuple(name for name in names if name not in book.supervisors))
        case EscortSetting(categories=names):
            return people.of(names)
        case FirstPersonInSetting(categories=names):
            return people.people - people.of(names)
        case QualificationsSetting(required=names):
            return people.people - min((people.qualified.get(name, 0) for name in names), default=0)
    return people.people
