"""What the rules in force no longer have is called as the newest rules that had it called it."""

from dataclasses import replace

from controller.services.acting import Acting
from controller.services.explain.earlier_labels import EarlierLabels
from controller.services.presence import presence
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.floor_side import BOOK, FLOOR, FloorSide
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, NOW, SUPERVISOR

HALL = replace(FLOOR, name="hall", label_ja="ホール")


def publish_hall(site: Site, note: str, label_en: str = "Hall") -> int:
    book = replace(BOOK, areas={"hall": replace(HALL, label_en=label_en)}, categories={})
    return rule_books.publish(Acting(site, ADMIN, NOW), book, note)


def reads_of_versions(site: Site, words: EarlierLabels, areas: set[str]) -> list[str]:
    """The statements that fetch a version, the newest among them."""
    statements: list[str] = []
    with site.registry.read() as db:
        db.set_trace_callback(statements.append)
        words.book_with_labels(db, areas, {"sv", "chief", None})
        db.set_trace_callback(None)
    return [one for one in statements if "body FROM rule_books" in one]


def test_earlier_version_that_is_not_understood_withholds_no_list(site: Site) -> None:
    with FloorSide(site) as floor:
        floor.taps("佐藤 太郎", "in")
        floor.taps("鈴木 次郎", "in", area="annex")
        not_understood = publish_hall(site, "of another program")
        publish_hall(site, "later")
        with unrecorded(site.registry) as db:
            db.execute(
                "UPDATE rule_books SET body = ? WHERE version = ?",
                ('{"areas": {}, "later": 1}', not_understood),
            )
        for view in (presence.roster, presence.muster):
            _, annex, gone = view(Acting(site, SUPERVISOR, NOW)).areas
            assert (annex.name, annex.label_ja) == ("annex", "annex"), "known to none"
            assert (gone.label_ja, gone.people[0].category_ja) == ("フロア", "管理者"), "of the one before"
        assert [one.area_ja for one in presence.first_last(Acting(site, SUPERVISOR, NOW))]
        assert presence.missed(Acting(site, SUPERVISOR, NOW)) == []


def test_word_is_searched_once_under_the_same_rules_found_or_not(site: Site) -> None:
    with FloorSide(site):
        publish_hall(site, "hall")
        publish_hall(site, "hall again", "The hall")
    words = EarlierLabels()
    assert len(reads_of_versions(site, words, {"floor", "nowhere"})) == 3
    assert len(reads_of_versions(site, words, {"floor", "nowhere"})) == 1, "the newest alone"
    assert len(reads_of_versions(site, words, {"elsewhere"})) == 3
    with site.registry.read() as db:
        book = words.book_with_labels(db, {"floor", "elsewhere"})
    assert {*book.areas} == {"hall", "floor"} and book.version == 3


def test_newly_published_rules_are_polled_behind_again(site: Site) -> None:
    words = EarlierLabels()
    with FloorSide(site):
        publish_hall(site, "hall")
    with site.registry.read() as db:
        assert words.book_with_labels(db, {"floor"}).areas["floor"].label_ja == "フロア"
    renamed = replace(BOOK, areas={"floor": replace(FLOOR, label_ja="大フロア")})
    rule_books.publish(Acting(site, ADMIN, NOW), renamed, "the floor again")
    publish_hall(site, "hall again")
    with site.registry.read() as db:
        assert words.book_with_labels(db, {"floor"}).areas["floor"].label_ja == "大フロア"
