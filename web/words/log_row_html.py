"""The HTML of one line of the log, for the page and for its live tail.

Written in Python because Jinja takes four times as long, for each of a page's hundred rows. Nothing is
escaped automatically here: every text goes through `escape`. Numbers, times, moods and signs are our own.
"""

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from controller.errors import N_
from web.words.language import translate
from web.words.log_rows import LogRow
from web.words.log_silences import SilenceRow

_WARNING_SIGN = '<span aria-hidden="true">▲</span>'


@dataclass(frozen=True, slots=True)
class RowWords:
    """What the rows of a page have in common: translated and escaped once a page, not a hundred times."""

    language: str
    last_four: str
    number: str
    doubtful: str
    why: str
    before_why: str  # the label of one link: before and after the record's number
    behind_why: str


def row_words(language: str) -> RowWords:
    before, _, behind = translate(language, N_("Why? No. {number}")).partition("{number}")
    return RowWords(
        language,
        last_four=escape(translate(language, N_("last four digits of the badge"))),
        number=escape(translate(language, N_("No."))),
        doubtful=escape(translate(language, N_("clock not reliable"))),
        why=escape(translate(language, N_("Why?"))),
        before_why=escape(before),
        behind_why=escape(behind),
    )


def row_html(row: LogRow, words: RowWords, silence: SilenceRow | None, *, links_to_why: bool) -> str:
    """One table row, and the silence below it where there is one."""
    sign = f'<span aria-hidden="true">{row.sign}</span> ' if row.sign else ""
    direction = f' <span class="muted">· {escape(row.direction)}</span>' if row.direction else ""
    return (
        f'<tr role="row" id="no-{row.seq}" class="{row.mood}">\n'
        f'  <td role="cell" class="when"><time datetime="{row.iso}">{row.moment}</time>'
        f"{_doubt(row, words) if row.clock_doubtful else ''}</td>\n"
        f'  <td role="cell" class="result">'
        f'<span class="state {row.mood}">{sign}{escape(row.what)}</span></td>\n'
        f'  <td role="cell" class="who">{_who(row, words)}</td>\n'
        f'  <td role="cell" class="where">{escape(row.where)}{direction}</td>\n'
        f'  <td role="cell" class="why">{_why(row, words, links_to_why)}</td>\n'
        f'  <td role="cell" class="seq number muted"><span class="no">{words.number} </span>{row.seq}</td>\n'
        f"</tr>\n{'' if silence is None else _silence(silence, words)}"
    )


def _doubt(row: LogRow, words: RowWords) -> str:
    found = ""
    if row.true_moment:
        text = translate(words.language, N_("later corrected to about {time}"), time=row.true_moment)
        found = f' <span class="true">{escape(text)}</span>'
    return f' <span class="state warn">{_WARNING_SIGN} {words.doubtful}</span>{found}'


def _who(row: LogRow, words: RowWords) -> str:
    name = escape(row.who)
    if row.who and row.person:
        name = f'<a class="name" href="/log?person={quote(row.person)}">{name}</a>'
    elif row.who:
        name = f'<span class="name">{name}</span>'
    badge = f' <span class="four" title="{words.last_four}">…{escape(row.badge)}</span>' if row.badge else ""
    if not row.proved:
        return name + badge
    proved = f'<small class="muted proved" title="{escape(row.proved_long)}">{escape(row.proved)}</small>'
    return f"{name}{badge} {proved}"


def _why(row: LogRow, words: RowWords, links_to_why: bool) -> str:
    why = escape(row.why)
    if not (row.explained and links_to_why):
        return why
    label = f"{words.before_why}{row.seq}{words.behind_why}"
    space = " " if why else ""
    return f'{why}{space}<a href="/log/{row.seq}/why" aria-label="{label}">{words.why}</a>'


def _silence(silence: SilenceRow, words: RowWords) -> str:
    between = translate(
        words.language, N_("between No. {after} and {before}"), after=silence.after, before=silence.before
    )
    return (
        '<tr role="row" class="silence"><td role="cell" colspan="6">'
        f'<span class="state {silence.mood}">{_WARNING_SIGN} {escape(silence.what)}</span> '
        f'<span class="why">{escape(silence.why)}</span> '
        f'<span class="muted between">{escape(between)}</span></td></tr>\n'
    )
