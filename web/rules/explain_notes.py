"""What an explanation could not know, in sentences."""

from collections.abc import Mapping

from controller.errors import N_
from controller.services.explain.person import ExplainNote

NOTES: Mapping[ExplainNote, str] = {
    ExplainNote.STILL_TO_COME: N_(
        "This time is in the future; this answer uses today's people, rules and presence."
    ),
    ExplainNote.PEOPLE_AS_NOW: N_("This answer uses today's person, access levels and schedules."),
    ExplainNote.DOORS_NOT_KNOWN: N_(
        "The state of the doors at that time is unknown; this answer takes them as closed."
    ),
    ExplainNote.NOT_THE_ONLY_BADGE: N_(
        "The person has several badges; this answer is about the badge shown here."
    ),
    ExplainNote.AS_KEPT: N_(
        "The record stores the facts that the rules used, so later changes make no difference."
    ),
    ExplainNote.NOTHING_KEPT: N_(
        "This record has no stored facts; this answer uses today's person, access levels and schedules."
    ),
    ExplainNote.SCHEDULES_NOT_KEPT: N_(
        "There were too many schedules to store; this answer uses today's schedules."
    ),
    ExplainNote.ERASED: N_(
        "The person was erased, together with the facts that the rules used; only the record itself remains."
    ),
    ExplainNote.NOT_UNDERSTOOD: N_(
        "The stored facts of this record are in a version that this program does not know."
    ),
    ExplainNote.NO_RULE_ASKED: N_("The badge is unknown, so no rule was checked."),
    ExplainNote.PIN_ASSUMED: N_("The door requires a PIN; this answer takes the right PIN as entered."),
    ExplainNote.TOGETHER: N_("Two people entered together, each as the second person of the other."),
    ExplainNote.RULES_GONE: N_(
        "The version of the rules that decided is no longer stored; this answer uses the rules in force now."
    ),
}
