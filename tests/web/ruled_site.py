"""A site with rules, edited and published through its pages."""

from dataclasses import replace

from controller.model.operators import MACHINE
from controller.model.rule_book import Category, RuleBook
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.services.acting import Acting
from controller.services.rules import books as rule_books
from controller.services.rules import draft as rule_draft
from tests.controller.model.rule_books import FULL
from tests.web.client import Client
from tests.web.site import ServedSite

FLOOR = replace(
    FULL.areas["floor"],
    rules={RuleName.SUPERVISOR_PRESENT: SupervisorPresentSetting(RuleMode.ENFORCE, ("agency",))},
)
BOOK = replace(FULL, areas={"floor": FLOOR}, doors={}, version=0)
SEEN = r'name="seen" value="(\w+)"'
MARK = r'name="mark" value="([0-9a-f]{16})"'


def newest(served: ServedSite) -> RuleBook:
    return rule_books.newest(served.site.acting(MACHINE))


def save_category(client: Client, name: str) -> None:
    fields = {"row": "0", "name.0": name, "label_en.0": "New", "label_ja.0": "新"}
    answer = client.post("/rules/categories", fields)
    assert answer.to == "/rules/draft?done=draft_saved", answer.words


def draft_category(served: ServedSite) -> None:
    night = Category("night", "Night", "夜勤")
    rule_draft.edit(
        Acting(served.site, MACHINE, served.moment),
        lambda book: replace(book, categories={**book.categories, "night": night}),
    )


def publish(client: Client, **fields: str) -> str:
    (mark,) = client.get("/rules/draft").ids(MARK)
    answer = client.post("/rules/draft/publish", {"mark": mark, **fields})
    return answer.to or answer.words
