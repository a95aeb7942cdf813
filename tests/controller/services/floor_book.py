"""A rule book for the sample site: one area behind the entrance, with the rules of the test."""

from controller.model.rule_book import Area, Category, Qualification, RuleBook, Rules

CATEGORIES = {
    "sv": Category("sv", "Supervisor", "SV", supervisor=True, regular=True),
    "agency": Category("agency", "Agency staff", "派遣"),
}


def book(rules: Rules | None = None) -> RuleBook:
    floor = Area("floor", "Call floor", "フロア", ("entrance-in",), ("entrance-out",), rules or {})
    nda = Qualification("nda", "Confidentiality agreement", "秘密保持誓約")
    return RuleBook(areas={"floor": floor}, categories=CATEGORIES, qualifications={"nda": nda})
