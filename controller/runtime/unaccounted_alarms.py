"""Alarms about rights that no record gives: one for each value found, and for a flood one with a count.

The same value of a subject is an alarm once in ten minutes. Belongs to the decide thread.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from controller.model.access import AccessRequest
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.recorded_rights import Subject, SubjectDigest, SubjectKind

_EVERY_MS = 600_000
_ALARMS = 20  # in that time; what comes on top is counted in one alarm a minute
_COUNTED_FOR_MS = 60_000
_SUBJECTS_AT_MOST = 10_000  # that are remembered
_NAMED = 20  # subjects in one record

_OF_A_PERSON = frozenset({SubjectKind.PERSON, SubjectKind.BADGE, SubjectKind.PIN})


@dataclass(frozen=True)
class _Raised:
    digest: bytes | None
    mono_ms: int


class UnaccountedAlarms:
    def __init__(self, record: Callable[[Event], None]) -> None:
        self._record = record
        self._raised: dict[Subject, _Raised] = {}  # the newest alarm of each, the oldest first
        self._until_ms = 0
        self._count = 0  # of alarms until then
        self._more: dict[Subject, None] = {}  # in the order in which they came
        self._more_count = 0
        self._more_from_ms = 0

    def report(
        self,
        found: Collection[SubjectDigest],
        now: Moment,
        request: AccessRequest | None = None,
        is_admitted: bool = False,
    ) -> None:
        """`request`: the tap that depends on them. One alarm for each subject of a person, one for all
        definitions together. `is_admitted`: an alarm for each tap, so that none passes unseen.
        """
        news = sorted(one.subject for one in found if is_admitted or self.is_news(one, now))
        digests = {one.subject: one.digest for one in found}
        for subject in news:
            self._raised.pop(subject, None)
            self._raised[subject] = _Raised(digests[subject], now.mono_ms)
        while len(self._raised) > _SUBJECTS_AT_MOST:
            del self._raised[next(iter(self._raised))]
        definitions = [subject for subject in news if subject.kind not in _OF_A_PERSON]
        for subject in news:
            if subject.kind in _OF_A_PERSON:
                self._raise([subject], now, request)
        if definitions:
            self._raise(definitions, now, request)

    def agree(self, subjects: Iterable[Subject]) -> None:
        """Registry and log agree about these, so what differs from now on is an alarm again."""
        for subject in subjects:
            self._raised.pop(subject, None)

    def is_news(self, found: SubjectDigest, now: Moment) -> bool:
        raised = self._raised.get(found.subject)
        return raised is None or raised.digest != found.digest or now.mono_ms - raised.mono_ms >= _EVERY_MS

    def tick(self, now: Moment) -> None:
        """At every tick: the alarm about those that were too many."""
        if not self._more_count or now.mono_ms - self._more_from_ms < _COUNTED_FOR_MS:
            return
        named = [one.text for one in self._more]
        codes: dict[str, str | int] = {
            "subject": named[0],
            "subjects": " ".join(named),
            "count": self._more_count,
        }
        self._record(Event(EventType.RIGHTS_UNACCOUNTED, now, codes=codes))
        self._more, self._more_count = {}, 0

    def _raise(self, subjects: Sequence[Subject], now: Moment, request: AccessRequest | None) -> None:
        if now.mono_ms >= self._until_ms:
            self._until_ms, self._count = now.mono_ms + _EVERY_MS, 0
        if self._count < _ALARMS:
            self._count += 1
            self._record(_alarm(subjects, now, request))
            return
        if not self._more_count:
            self._more_from_ms = now.mono_ms
        self._more_count += len(subjects)
        for subject in subjects:
            if len(self._more) < _NAMED:
                self._more[subject] = None


def _alarm(subjects: Sequence[Subject], now: Moment, request: AccessRequest | None) -> Event:
    """`subjects`: one of a person, or any of several."""
    subject = subjects[0]
    codes: dict[str, str | int] = {"subject": subject.text}
    if len(subjects) > 1:
        codes["subjects"] = " ".join(one.text for one in subjects[:_NAMED])
        codes["subjects_count"] = len(subjects)
    event = Event(EventType.RIGHTS_UNACCOUNTED, now, codes=codes)
    if request is None:
        return event
    event = replace(event, door=request.door, access_point=request.access_point, reader=request.reader)
    record = request.record
    if record is None or subject.kind not in _OF_A_PERSON:
        return event
    return replace(
        event,
        person=record.cardholder.id,
        credential=record.credential.id,
        details={"name": record.cardholder.name, "last_four": record.credential.last_four},
    )
