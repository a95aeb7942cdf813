"""[log]: how long the log is kept."""

from dataclasses import dataclass
from typing import Any

from controller.config.table import Table


@dataclass(frozen=True)
class Log:
    keep_months: int  # whole calendar months, besides the running one; the door removes older months
    hold: bool  # nothing is removed, for example during a claim, an audit or an inquiry


def read_log(table: Table) -> Log:
    log = Log(
        keep_months=table.optional("keep_months", 25, _months, "whole months from 3 to 1200"),
        hold=table.flag("hold", False),
    )
    table.done()
    return log


def _months(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 3 <= value <= 1200 else None
