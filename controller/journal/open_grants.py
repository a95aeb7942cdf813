"""Close grants that an earlier door process left without an outcome because of a power cut or a kill.

There may be hundreds of thousands, and taps must not wait for them: the door takes short steps in idle time.
"""

from controller.journal.append import Journal
from controller.journal.writing import translate_journal_errors
from controller.model.events import Event, EventType, Outcome
from controller.model.moment import Moment

_AT_ONCE = 32  # outcomes in one commit


def close_open_grants(journal: Journal, upto: int, now: Moment) -> bool:
    """Take one step for the grants numbered up to `upto`: append outcomes, or read one page of the log.

    Returns True while there is more to do. Raises JournalUnavailable.
    """
    with translate_journal_errors():
        connection = journal.writing.connection()
    tail = journal.writing.tail
    found = tail.open_grants_upto(upto, min(_AT_ONCE, journal.batch_limit))
    if found:
        journal.append(
            [
                Event(EventType.ACCESS_OUTCOME, now, door=door, result=Outcome.UNKNOWN, codes={"of": seq})
                for seq, door in found
            ]
        )
        return True
    with translate_journal_errors():
        return tail.read_older(connection) or bool(tail.open_grants_upto(upto, 1))
