"""A dialogue with one door: its signals, and the exact actions in answer. A failure shows all of it."""

from controller.decision.door_machine import DoorMachine, DoorSettings, DoorState
from controller.model.actions import DoorAction, StartTimer, StopTimer
from controller.model.signals import DoorSignal

WATCHES = ("held_open", "rex_held", "rex_unused", "steady", "released_passage")  # timers that move no lock
ENTRANCE = DoorSettings(
    "entrance", release_ms=5000, rex_releases=False, has_contact=True, rex_without_opening=0
)


class Playbook:
    def __init__(self, settings: DoorSettings = ENTRANCE) -> None:
        self.machine = DoorMachine(settings)
        self._answer: list[DoorAction] = []
        self._dialogue: list[str] = []

    def hear(self, mono_ms: int, signal: DoorSignal) -> "Playbook":
        """Send `signal` to the door; its answer must equal the next `expect`."""
        self._answer = self.machine.handle(signal, mono_ms)
        self._dialogue.append(f"{mono_ms:>6} >> {signal}")
        self._dialogue += [f"       << {action}" for action in self._answer]
        return self

    def started(self, contact_open: bool, fire: bool, **last: bool) -> "Playbook":
        self._answer = self.machine.initial(contact_open, fire, 0, **last)
        self._dialogue += [f"     0 << {action}" for action in self._answer]
        return self

    def stopped(self) -> "Playbook":
        self._answer = self.machine.stop()
        self._dialogue += ["       >> stop", *(f"       << {action}" for action in self._answer)]
        return self

    def expect(self, *actions: DoorAction) -> "Playbook":
        """Timers that only watch are left to `watching`."""
        answer = [action for action in self._answer if not _watches(action)]
        assert answer == list(actions), "\n".join(["expected otherwise:", *self._dialogue])
        return self

    def nothing(self) -> "Playbook":
        return self.expect()

    def watching(self, *timers: DoorAction) -> "Playbook":
        answer = [action for action in self._answer if _watches(action)]
        assert answer == list(timers), "\n".join(["watching otherwise:", *self._dialogue])
        return self

    @property
    def last_answer(self) -> list[DoorAction]:
        """All of the last answer."""
        return self._answer

    def left(self, state: DoorState) -> "Playbook":
        assert self.machine.state is state, "\n".join(["state:", *self._dialogue])
        return self


def _watches(action: DoorAction) -> bool:
    return isinstance(action, StartTimer | StopTimer) and action.timer in WATCHES
