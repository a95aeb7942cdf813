"""The rules on the page: shown as sentences, published from the draft, and brought back."""

import re
from dataclasses import replace

from controller.model.operators import MACHINE, OperatorRole
from controller.model.rule_book import RuleBook
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.registry import rule_books as rule_rows
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.people.standing import Standing
from controller.services.rules import books as rule_books
from controller.services.rules import draft as rule_draft
from tests.controller.unrecorded import unrecorded
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.ruled_site import BOOK, MARK, SEEN, draft_category, newest, publish
from tests.web.site import ServedSite

WORDS = RuleBook(categories=BOOK.categories)  # people hold them


def test_overview_says_in_sentences_what_is_in_force(admin: Client, ruled: int) -> None:
    page = admin.get("/rules").words
    assert "These people cannot enter unless a supervisor is inside: Agency staff." in page
    assert "the first" in page and "Anyone allowed in presents a badge." in page
    admin.post("/language", {"language": "ja", "back": "/"})
    assert "中に SV がいない間、次の人は入れません：派遣。" in admin.get("/rules").words


def test_site_without_rules_says_so(admin: Client) -> None:
    assert "No rules are published yet" in admin.get("/rules").words
    assert admin.get("/rules/draft").to == "/rules"
    assert "None yet." in admin.get("/rules/versions").words


TICK = "I have read the warnings"


def test_warning_of_people_still_to_come_is_shown_and_asks_for_no_tick(
    served: ServedSite, admin: Client
) -> None:
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda book: BOOK)
    page = admin.get("/rules/draft").words
    assert "There are no supervisors" in page and TICK not in page
    assert publish(admin) == "/rules/versions/1?done=rules_published"


def test_what_nobody_could_ever_meet_asks_for_a_tick(served: ServedSite, admin: Client) -> None:
    agency = {"agency": BOOK.categories["agency"]}
    rule_books.publish(Acting(served.site, MACHINE, served.moment), RuleBook(), "")
    rule_draft.edit(
        Acting(served.site, MACHINE, served.moment), lambda book: replace(BOOK, categories=agency)
    )
    assert TICK in admin.get("/rules/draft").words
    assert "There are no supervisors" in publish(admin)
    assert newest(served).version == 1
    assert publish(admin, anyway="yes") == "/rules/versions/2?done=rules_published"
    rule_books.publish(Acting(served.site, MACHINE, served.moment), RuleBook(), "off")
    assert TICK in admin.get("/rules/versions/2").words
    assert "There are no supervisors" in admin.post("/rules/versions/2/bring-back", {"note": "again"}).words
    assert newest(served).version == 3


def test_version_published_meanwhile_is_reported_and_asks_for_a_tick(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    draft_category(served)
    rule_books.publish(Acting(served.site, MACHINE, served.moment), WORDS, "by hand")
    assert "Meanwhile command line published version 2" in admin.get("/rules/draft").words
    assert "publishing the draft reverts it" in publish(admin)
    assert publish(admin, anyway="yes").startswith("/rules/versions/3")


def test_draft_changed_since_it_was_checked_is_not_published(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    draft_category(served)
    answer = admin.post("/rules/draft/publish", {"mark": "0" * 16})
    assert answer.status == 409 and "changed or published meanwhile" in answer.words
    assert admin.post("/rules/draft/discard").to == "/rules?done=draft_discarded"
    assert newest(served).version == ruled


def test_draft_changed_since_it_was_checked_is_not_thrown_away(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    draft_category(served)
    looked_at = {"seen": admin.get("/rules/draft").ids(SEEN)[0]}
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda book: replace(book, areas={}))
    answer = admin.post("/rules/draft/discard", looked_at)
    assert answer.status == 409 and "changed or published meanwhile" in answer.words
    draft = rule_draft.get(served.site.acting(MACHINE))
    assert draft is not None and not draft.book.areas, "what came since is still there"
    looked_at = {"seen": admin.get("/rules/draft").ids(SEEN)[0]}
    assert admin.post("/rules/draft/discard", looked_at).to == "/rules?done=draft_discarded"
    assert admin.post("/rules/draft/discard", looked_at).status == 409, "nobody is told it is discarded"


def test_long_note_corrected_publishes_nothing_that_came_into_the_draft_meanwhile(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    draft_category(served)
    looked_at = {"mark": admin.get("/rules/draft").ids(MARK)[0]}
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda book: replace(book, areas={}))
    mistake = admin.post("/rules/draft/publish", looked_at | {"note": "x" * 1001})
    assert mistake.status == 422
    answer = admin.post("/rules/draft/publish", {"mark": mistake.ids(MARK)[0]})
    assert answer.status == 409 and newest(served).version == ruled
    assert admin.post("/rules/draft/publish", {"mark": answer.ids(MARK)[0]}).status == 303


def test_earlier_version_undoes_nothing_that_was_published_after_the_comparison(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    for note in ("empty", "meanwhile"):
        rule_books.publish(Acting(served.site, MACHINE, served.moment), WORDS, note)
        if note == "empty":
            compared = {"seen": admin.get(f"/rules/versions/{ruled}").ids(SEEN)[0]}
    mistake = admin.post(f"/rules/versions/{ruled}/bring-back", compared | {"note": "x" * 1001})
    assert mistake.status == 422
    answer = admin.post(f"/rules/versions/{ruled}/bring-back", {"seen": mistake.ids(SEEN)[0]})
    assert answer.status == 409 and "Version 3 was published after you opened this page" in answer.words
    assert newest(served).version == 3
    assert admin.post(f"/rules/versions/{ruled}/bring-back", {"seen": answer.ids(SEEN)[0]}).status == 303


def test_earlier_version_is_shown_and_brought_back(served: ServedSite, admin: Client, ruled: int) -> None:
    rule_books.publish(Acting(served.site, MACHINE, served.moment), WORDS, "empty")
    page = admin.get(f"/rules/versions/{ruled}").words
    assert (
        "These people cannot enter unless a supervisor is inside" in page and "Restore this version" in page
    )
    answer = admin.post(f"/rules/versions/{ruled}/bring-back", {"note": "it was better"})
    assert answer.to == "/rules/versions/3?done=rules_published"
    assert newest(served).areas == BOOK.areas
    assert "Restore this version" not in admin.get("/rules/versions/3").words


def test_publishing_and_bringing_back_need_the_password_each_time(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    rule_draft.edit(Acting(served.site, MACHINE, served.moment), lambda book: WORDS)
    admin.own_password = ""
    for path, draft_or_version in (
        ("/rules/draft/publish", "/rules/draft"),
        (f"/rules/versions/{ruled}/bring-back", f"/rules/versions/{ruled}"),
    ):
        page = admin.get(draft_or_version).text
        marks = dict(re.findall(r'name="(mark|seen)" value="([^"]*)"', page.split(path)[-1]))
        for password in ("", "not this one"):
            refused = admin.post(path, marks | {"note": "x", "own_password": password, "anyway": "yes"})
            assert refused.status == 403 and "Confirm with your password" in refused.words
        before = newest(served).version
        sent = marks | {"note": "x", "own_password": PASSWORD, "anyway": "yes"}
        assert admin.post(path, sent).to.endswith("?done=rules_published"), path
        assert newest(served).version == before + 1


def test_auditor_reads_and_finds_no_button(served: ServedSite, ruled: int) -> None:
    auditor = served.signed_in(OperatorRole.AUDITOR)
    assert "/rules/areas/" not in auditor.get("/rules").text
    assert auditor.get("/rules/versions").status == 200
    assert auditor.get("/rules/categories").status == 403
    assert auditor.post("/rules/draft/discard").status == 403


def test_category_renamed_on_the_page_takes_its_people_and_rules_along(
    served: ServedSite, admin: Client, ruled: int
) -> None:
    person = people.add(Acting(served.site, MACHINE, served.moment), "Hiroshi")
    people.set_standing(Acting(served.site, MACHINE, served.moment), person.id, Standing("agency"))
    fields = {"row": [], **_row(0, "sv", "sv"), **_row(1, "contractor", "agency")}
    sent = {**fields, "row": ["0", "1"], "supervisor.0": "yes", "regular.0": "yes"}
    assert admin.post("/rules/categories", sent).to == "/rules/draft?done=draft_saved"
    draft = admin.get("/rules/draft")
    assert "would be removed, but people belong to it (2)" in draft.words
    assert '<option value="contractor" selected>' in draft.text
    assert "choose a category for them" in publish(admin, anyway="yes")
    assert newest(served).version == ruled
    assert publish(admin, anyway="yes", **{"move.agency": "contractor"}).startswith("/rules/versions/2")
    assert (
        people.get(Acting(served.site, MACHINE, served.moment), person.id).standing.category == "contractor"
    )
    (rule,) = newest(served).areas["floor"].rules.values()
    assert isinstance(rule, SupervisorPresentSetting) and rule.categories == ("contractor",)


def _row(place: int, name: str, was: str) -> dict[str, str]:
    named = {"name": name, "was": was, "label_en": name.title(), "label_ja": name}
    return {f"{field}.{place}": value for field, value in named.items()}


def test_what_does_not_fit_the_site_any_more_is_reported_of_the_rules_in_force(
    served: ServedSite, admin: Client
) -> None:
    floor = replace(BOOK.areas["floor"], exits=())
    rule_books.publish(Acting(served.site, MACHINE, served.moment), replace(BOOK, areas={"floor": floor}), "")
    page = admin.get("/rules").words
    assert "Please check these points" in page and "has no exit, so everybody who enters" in page
    with unrecorded(served.site.registry) as db:
        gone = replace(floor, entries=("back-door",))
        rule_rows.publish(db, replace(BOOK, areas={"floor": gone}), MACHINE, served.moment.utc, "")
    page = admin.get("/rules").words
    assert "no longer fit this site" in page and "There is no access point back-door" in page
