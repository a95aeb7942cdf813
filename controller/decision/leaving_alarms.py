"""The alarms of a tap out of an area whose rules are then broken for the people who stay."""

from controller.decision.access import Verdict
from controller.decision.facts import Facts
from controller.decision.leaving import exit_warnings
from controller.model.access import AccessRequest
from controller.model.actions import DecisionAction, RecordEvent
from controller.model.events import Event, EventType


def leaving_alarms(
    event: Event, request: AccessRequest, verdict: Verdict, facts: Facts
) -> list[DecisionAction]:
    """`event` is the record of the tap. An alarm is a record of its own, named after the warning."""
    if not verdict.warnings:
        return []
    codes = {name: event.codes[name] for name in ("rules", "left") if name in event.codes}
    return [
        RecordEvent(
            Event(
                EventType(one.warning.value),
                event.at,
                door=event.door,
                access_point=event.access_point,
                person=event.person,
                registry=event.registry,
                codes=codes,
                details=event.details,
            )
        )
        for one in exit_warnings(request, facts)
        if one.alarms and one.warning in verdict.warnings
    ]
