"""[log]: how long the log is kept, and what becomes of rights that it does not give."""

from dataclasses import dataclass
from typing import Any

from controller.config.table import Table, choice


@dataclass(frozen=True)
class Log:
    keep_months: int  # whole calendar months, besides the running one; the door removes older months
    hold: bool  # nothing is removed, for example during a claim, an audit or an inquiry
    unaccounted: str  # rights that no record gives: "refuse", or "alarm": admit them as well


def read_log(table: Table) -> Log:
    log = Log(
        keep_months=table.optional("keep_months", 25, _months, "whole months from 3 to 1200"),
        hold=table.flag("hold", False),
        unaccounted=table.optional("unaccounted", "refuse", choice("refuse", "alarm"), '"refuse" or "alarm"'),
    )
    table.done()
    return log


def _months(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 3 <= value <= 1200 else None
