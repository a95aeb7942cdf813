"""[people]: how long an erasure waits before it is carried out."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from controller.config.table import Table

_DAYS = re.compile(r"([1-9][0-9]?)d")
_LONGEST = 90  # the log keeps the record of the request for three months at least


@dataclass(frozen=True)
class People:
    erase_after: timedelta  # from the request on; until then it can be cancelled


def read_people(table: Table) -> People:
    people = People(
        erase_after=table.optional("erase_after", timedelta(days=7), _days, 'days from "1d" to "90d"')
    )
    table.done()
    return people


def _days(value: Any) -> timedelta | None:
    found = _DAYS.fullmatch(value) if isinstance(value, str) else None
    return timedelta(days=int(found[1])) if found and int(found[1]) <= _LONGEST else None
