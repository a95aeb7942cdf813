"""The HTML of one line of the log, for the page and for its live tail.

Written in Python because Jinja takes four times as long, for each of a page's hundred rows. Nothing is
escaped automatically here: every text goes through `escape`. Numbers, times, moods and signs are our own.
"""

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from controller.errors import N_
from web.words.log_rows import LogRow
from web.words.log_silences import SilenceRow
from web.words.words import Words

_WARNING_SIGN = '<span aria-hidden="true">▲</span>'


@dataclass(frozen=True, slots=True)
class RowLabels:
    """What the rows of a page have in common: translated and escaped once a page, not a hundred times."""

    words: Words
    last_four: str
    number: str
    doubtful: str
    why: str
    before_why: str  # the label of one link: before and after the record's number
    behind_why: str


def row_labels(words: Words) -> RowLabels:
    before, _, behind = words.translate(N_("Why? No. {number}")).partition("{number}")
    return RowLabels(
        words,
        last_four=escape(words.translate(N_("last four digits of the badge"))),
        number=escape(words.translate(N_("No."))),
        doubtful=escape(words.translate(N_("clock not reliable"))),
        why=escape(words.translate(N_("Why?"))),
        before_why=escape(before),
        behind_why=escape(behind),
    )


def row_html(row: LogRow, labels: RowLabels, silence: SilenceRow | None, *, links_to_why: bool) -> str:
    """One table row, and the silence below it where there is one."""
    sign = f'<span aria-hidden="true">{row.sign}</span> ' if row.sign else ""
    direction = f' <span class="muted">· {escape(row.direction)}</span>' if row.direction else ""
    return (
        f'<tr role="row" id="no-{row.seq}" class="{row.mood}">\n'
        f'  <td role="cell" class="when"><time datetime="{row.iso}">{row.moment}</time>'
        f"{_doubt(row, labels) if row.clock_doubtful else ''}</td>\n"
        f'  <td role="cell" class="result">'
        f'<span class="state {row.mood}">{sign}{escape(row.what)}</span></td>\n'
        f'  <td role="cell" class="who">{_who(row, labels)}</td>\n'
        f'  <td role="cell" class="where">{escape(row.where)}{direction}</td>\n'
        f'  <td role="cell" class="why">{_why(row, labels, links_to_why)}</td>\n'
        f'  <td role="cell" class="seq number muted"><span class="no">{labels.number} </span>{row.seq}</td>\n'
        f"</tr>\n{'' if silence is None else _silence(silence, labels)}"
    )


def gap_html(seq: int, address: str, labels: RowLabels) -> str:
    """A line below row `seq` for the rows that the live page left out; `address` shows them."""
    words = labels.words
    left_out = escape(words.translate(N_("Records are left out here.")))
    link = escape(words.translate(N_("Show the records before No. {number}"), number=seq))
    return (
        '<tr role="row" class="silence"><td role="cell" colspan="6">'
        f'<span class="state warn">{_WARNING_SIGN} {left_out}</span> '
        f'<a href="{escape(address)}">{link}</a></td></tr>\n'
    )


def _doubt(row: LogRow, labels: RowLabels) -> str:
    found = ""
    if row.true_moment:
        text = labels.words.translate(N_("later corrected to about {time}"), time=row.true_moment)
        found = f' <span class="true">{escape(text)}</span>'
    return f' <span class="state warn">{_WARNING_SIGN} {labels.doubtful}</span>{found}'


def _who(row: LogRow, labels: RowLabels) -> str:
    name = escape(row.who)
    if row.who and row.person:
        name = f'<a class="name" href="/log?person={quote(row.person)}">{name}</a>'
    elif row.who:
        name = f'<span class="name">{name}</span>'
    badge = f' <span class="four" title="{labels.last_four}">…{escape(row.badge)}</span>' if row.badge else ""
    if not row.proved:
        return name + badge
    proved = f'<small class="muted proved" title="{escape(row.proved_long)}">{escape(row.proved)}</small>'
    return f"{name}{badge} {proved}"


def _why(row: LogRow, labels: RowLabels, links_to_why: bool) -> str:
    why = escape(row.why)
    if not (row.explained and links_to_why):
        return why
    label = f"{labels.before_why}{row.seq}{labels.behind_why}"
    space = " " if why else ""
    return f'{why}{space}<a href="/log/{row.seq}/why" aria-label="{label}">{labels.why}</a>'


def _silence(silence: SilenceRow, labels: RowLabels) -> str:
    between = labels.words.translate(
        N_("between No. {after} and {before}"), after=silence.after, before=silence.before
    )
    return (
        '<tr role="row" class="silence"><td role="cell" colspan="6">'
        f'<span class="state {silence.mood}">{_WARNING_SIGN} {escape(silence.what)}</span> '
        f'<span class="why">{escape(silence.why)}</span> '
        f'<span class="muted between">{escape(between)}</span></td></tr>\n'
    )
