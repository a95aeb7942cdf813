"""Counts of people of each kind. With them the rule check finds rules that nobody could meet."""

import sqlite3
from datetime import date

from controller.model.headcount import Headcount


def headcount(db: sqlite3.Connection, today: date) -> Headcount:
    categories: dict[str | None, int] = dict(
        db.execute("SELECT category, count(*) FROM published_cardholders WHERE status = 'active' GROUP BY 1")
    )
    qualified: dict[str, int] = dict(
        db.execute(
            "SELECT q.qualification, count(*) FROM cardholder_qualifications AS q"
            " JOIN published_cardholders AS h ON h.id = q.cardholder_id"
            " WHERE h.status = 'active' AND q.holds_until >= ? GROUP BY 1",
            (today.isoformat(),),
        )
    )
    pins: int = db.execute("SELECT count(*) FROM pins").fetchone()[0]
    return Headcount(sum(categories.values()), categories, qualified, pins)
