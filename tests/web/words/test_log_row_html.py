"""The HTML of a line of the log: every text escaped, every cell where the titles expect it."""

from html.parser import HTMLParser

import pytest

from web.words.log_row_html import row_html, row_labels
from web.words.log_rows import LogRow
from web.words.log_silences import SilenceRow
from web.words.words import Words

HOSTILE = """<script>"alert"('x')</script>&amp;"""
TEXTS = ("who", "person", "badge", "proved", "proved_long", "where", "direction", "what", "why")
ROW = LogRow(
    seq=812,
    iso="2026-11-24T06:00:00+00:00",
    moment="2026-11-24 15:00:00",
    clock_doubtful=False,
    true_moment="",
    who="見本 花子",
    person="p1",
    badge="FFEE",
    proved="Number",
    proved_long="Number only",
    where="Entrance",
    direction="in",
    mood="good",
    sign="✓",
    what="Granted",
    why="",
    explained=True,
)


class Read(HTMLParser):
    """The texts of the cells, and all tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        self.cells = [cell.strip() for cell in self.cells]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data

    def values(self, tag: str, name: str) -> list[str | None]:
        return [attributes[name] for one, attributes in self.tags if one == tag and name in attributes]


def read(row: LogRow, silence: SilenceRow | None = None, links_to_why: bool = True) -> Read:
    return Read(row_html(row, row_labels(Words("en")), silence, links_to_why=links_to_why))


def test_row_has_its_cells_in_the_order_of_the_titles() -> None:
    row = read(ROW)
    when, result, who, where, why, number = row.cells
    assert (when, result, where) == ("2026-11-24 15:00:00", "✓ Granted", "Entrance · in")
    assert who == "見本 花子 …FFEE Number"
    assert (why, number) == ("Why?", "No. 812")
    assert row.tags[0] == ("tr", {"role": "row", "id": "no-812", "class": "good"})
    assert row.values("a", "href") == ["/log?person=p1", "/log/812/why"]
    assert row.values("a", "aria-label") == ["Why? No. 812"]


def test_hostile_texts_are_shown_and_are_not_html() -> None:
    hostile = ROW._replace(**dict.fromkeys(TEXTS, HOSTILE))
    silence = SilenceRow(811, 812, HOSTILE, HOSTILE, "warn")
    row, plain = read(hostile, silence), read(ROW, silence)
    assert [tag for tag, _ in row.tags] == [tag for tag, _ in plain.tags]
    html = "".join(row.cells)
    assert html.count(HOSTILE) == len(TEXTS) - 2 + 2, "not the two of attributes, and the silence's two"
    assert HOSTILE in row.values("small", "title")
    assert row.values("a", "href")[0] == (
        "/log?person=%3Cscript%3E%22alert%22%28%27x%27%29%3C/script%3E%26amp%3B"
    )


@pytest.mark.parametrize("field", [*TEXTS, "sign"])
def test_what_a_record_does_not_say_leaves_nothing_behind(field: str) -> None:
    html = row_html(ROW._replace(**{field: ""}), row_labels(Words("en")), None, links_to_why=True)
    assert "None" not in html
    assert '"></span>' not in html
    assert html.count("<td") == 6


def test_doubtful_clock_is_marked_with_the_true_time_where_it_is_known() -> None:
    doubtful = ROW._replace(clock_doubtful=True)
    assert read(doubtful).cells[0] == "2026-11-24 15:00:00 ▲ clock not reliable"
    resolved = doubtful._replace(true_moment="2026-11-24 15:12:00")
    assert read(resolved).cells[0].endswith("later corrected to about 2026-11-24 15:12:00")


def test_operator_who_may_not_ask_why_gets_no_link() -> None:
    assert read(ROW, links_to_why=False).values("a", "href") == ["/log?person=p1"]
    assert read(ROW._replace(explained=False)).values("a", "href") == ["/log?person=p1"]


def test_silence_is_a_row_of_its_own_below() -> None:
    cells = read(ROW, SilenceRow(811, 812, "Nothing for 2 h", "switched off", "warn")).cells
    assert cells[6] == "▲ Nothing for 2 h switched off between No. 811 and 812"
