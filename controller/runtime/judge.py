"""Updates the facts, calls the pure decision and passes its actions on. Belongs to the decide thread."""

from dataclasses import replace

from controller.decision.decision import Decision, NoPin, RefusedCard, Tick
from controller.model.access import AccessRequest
from controller.model.actions import Indication, Show
from controller.model.moment import Moment
from controller.registry.lookup import RegistryReader
from controller.runtime.carry_out import CarryOut
from controller.runtime.definitions import DefinitionsNow
from controller.runtime.door_modes import DoorModes
from controller.runtime.live_facts import LiveFacts
from controller.runtime.registry_source import RegistrySource


class Judge:
    def __init__(
        self,
        decision: Decision,
        carry_out: CarryOut,
        live_facts: LiveFacts,
        modes: DoorModes,
        registry: RegistrySource,
    ) -> None:
        self._decision = decision
        self._carry_out = carry_out
        self._live_facts = live_facts
        self._modes = modes
        self._registry = registry

    def must_wait(self, door: str, access_point: str) -> bool:
        """Whether an entry here must wait until an earlier one is recorded."""
        return self._live_facts.must_wait(door, access_point)

    def refresh(self, reader: RegistryReader, now: Moment) -> None:
        """Before a tap: the facts of this moment, with the rules of `reader`."""
        self._registry.refresh_facts(self._live_facts, reader, now)
        self._live_facts.refresh_presence()
        self.update_modes(now)
        self.refresh_doors()

    @property
    def definitions(self) -> DefinitionsNow:
        """Those that the facts have."""
        return self._live_facts.definitions

    def update_modes(self, now: Moment) -> None:
        if self._live_facts.is_loaded:
            self._modes.update(self._live_facts.facts_for_modes, now)

    def refresh_doors(self) -> None:
        """The decision uses the state of the doors at this moment."""
        self._decision.facts = replace(self._live_facts.facts, doors=self._modes.doors())

    def asks_for_pin(self, request: AccessRequest) -> bool:
        """Whether the door asks everybody for a PIN."""
        return self._decision.asks_for_pin(request)

    def needs_pin(self, request: AccessRequest, now: Moment) -> bool:
        return self._decision.needs_pin(request, now)

    def is_admitted_anyway(self, request: AccessRequest) -> bool:
        """Whether the door is released for this person anyway, even if a rule refuses."""
        return self._decision.facts.release_override(request) is not None

    def decide(self, signal: AccessRequest | NoPin | RefusedCard, now: Moment) -> None:
        self._carry_out.perform(self._decision.handle(signal, now))

    def decide_unseen(self, request: NoPin, now: Moment) -> None:
        """Decide and show nothing at the reader: another card is there already."""
        actions = self._decision.handle(request, now)
        self._carry_out.perform([action for action in actions if not isinstance(action, Show)])

    def show(self, reader: str, indication: Indication) -> None:
        self._carry_out.perform([Show(reader, indication)])

    def tick(self, now: Moment) -> None:
        self._live_facts.refresh_presence()
        alarm = self._live_facts.presence_alarm(now)
        if alarm is not None:
            self._carry_out.record(alarm)
        self._carry_out.perform(self._decision.handle(Tick(), now))

    def flush(self, now: Moment) -> None:
        """Record what the decision still holds back."""
        self._carry_out.perform(self._decision.flush(now))
