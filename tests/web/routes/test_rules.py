"""The rules on the page: shown as sentences, published from the draft, and brought back."""

from controller.model.operators import MACHINE, OperatorRole
from controller.model.rule_book import RuleBook
from controller.services import rule_books, rule_draft
from tests.web.client import Client
from tests.web.ruled_site import BOOK, draft_category, newest, publish
from tests.web.site import Site


def test_overview_says_in_sentences_what_is_in_force(admin: Client, ruled: int) -> None:
    page = admin.get("/rules").words
    assert "None of these enters while no supervisor is inside: Agency staff." in page
    assert "the first" in page and "Whoever may enter presents a badge." in page
    admin.post("/language", {"language": "ja", "back": "/"})
    assert "中に SV がいない間、次の人は入れません: 派遣。" in admin.get("/rules").words


def test_house_without_rules_says_so(admin: Client) -> None:
    assert "No rules are published yet" in admin.get("/rules").words
    assert admin.get("/rules/draft").to == "/rules"
    assert "None yet." in admin.get("/rules/versions").words


def test_warnings_ask_for_a_tick(site: Site, admin: Client) -> None:
    rule_books.publish(site.house, MACHINE, site.moment, RuleBook(), "")
    rule_draft.edit(site.house, MACHINE, site.moment, lambda book: BOOK)
    assert "Nobody is a supervisor" in admin.get("/rules/draft").words
    assert "Nobody is a supervisor" in publish(admin)
    assert newest(site).version == 1
    assert publish(admin, anyway="yes") == "/rules/versions/2?done=rules_published"


def test_version_published_meanwhile_is_said_and_asks_for_a_tick(
    site: Site, admin: Client, ruled: int
) -> None:
    draft_category(site)
    rule_books.publish(site.house, MACHINE, site.moment, RuleBook(), "by hand")
    assert "Meanwhile command line published version 2" in admin.get("/rules/draft").words
    assert "publishing undoes it" in publish(admin)
    assert publish(admin, anyway="yes").startswith("/rules/versions/3")


def test_draft_changed_since_it_was_looked_at_is_not_published(site: Site, admin: Client, ruled: int) -> None:
    draft_category(site)
    answer = admin.post("/rules/draft/publish", {"mark": "0" * 16})
    assert answer.status == 409 and "changed or published meanwhile" in answer.words
    assert admin.post("/rules/draft/discard").to == "/rules?done=draft_discarded"
    assert newest(site).version == ruled


def test_earlier_version_is_shown_and_brought_back(site: Site, admin: Client, ruled: int) -> None:
    rule_books.publish(site.house, MACHINE, site.moment, RuleBook(), "empty")
    page = admin.get(f"/rules/versions/{ruled}").words
    assert "None of these enters while no supervisor is inside" in page and "Bring this version back" in page
    answer = admin.post(f"/rules/versions/{ruled}/bring-back", {"note": "it was better"})
    assert answer.to == "/rules/versions/3?done=rules_published"
    assert newest(site).areas == BOOK.areas
    assert "Bring this version back" not in admin.get("/rules/versions/3").words


def test_auditor_looks_and_finds_no_button(site: Site, ruled: int) -> None:
    auditor = site.signed_in(OperatorRole.AUDITOR)
    assert "/rules/areas/" not in auditor.get("/rules").text
    assert auditor.get("/rules/versions").status == 200
    assert auditor.get("/rules/categories").status == 403
    assert auditor.post("/rules/draft/discard").status == 403
