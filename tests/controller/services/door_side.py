"""The door's side of the data folder for tests: the real journal and the real registry lookup."""

from controller.journal.append import Journal
from controller.model.credentials import CardNumber
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.registry.card_hash import card_hash
from controller.registry.lookup import Lookup
from controller.services.site import Site
from tests.sample_site import NOW


class DoorSide:
    """Holds the journal like a running door process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.journal = Journal.open(site.config.data / "journal" / "journal.db", site.config.version)
        self.lookup = Lookup(site.registry.file)

    def __enter__(self) -> "DoorSide":
        return self

    def __exit__(self, *_: object) -> None:
        self.lookup.close()
        self.journal.close()

    def record(self, type_: EventType, at: Moment = NOW, **fields: object) -> int:
        return self.journal.append([Event(type_, at, **fields)])[0]  # type: ignore[arg-type]

    def answer(self, order: int, type_: EventType, reason: str | None = None, **details: Json) -> None:
        event = Event(type_, NOW, reason=reason, codes={"order": order}, details=details)
        self.journal.append_once_for_order(self.lookup.registry_id, order, event)

    def learned(self, order: int, number: str) -> None:
        card = CardNumber.parse(number)
        self.answer(
            order,
            EventType.ORDER_DONE,
            card_hash=card_hash(self.site.key, card).hex(),
            last_four=card.last_four,
            kind=card.kind.value,
        )
