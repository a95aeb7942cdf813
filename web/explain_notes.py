"""What an explanation could not know, in sentences."""

from collections.abc import Mapping

from controller.errors import N_
from controller.services.explain import ExplainNote

NOTES: Mapping[ExplainNote, str] = {
    ExplainNote.STILL_TO_COME: N_(
        "This time is still to come: people, rules and who is inside are taken as they are now."
    ),
    ExplainNote.PEOPLE_AS_NOW: N_("The person, access levels and schedules are taken as they are now."),
    ExplainNote.DOORS_NOT_KNOWN: N_("How the doors stand then is not known; they are taken as closed."),
    ExplainNote.NOT_THE_ONLY_BADGE: N_("The person has several badges; the one shown here is asked about."),
    ExplainNote.AS_KEPT: N_(
        "What the rules saw then was kept with the record; later changes make no difference."
    ),
    ExplainNote.NOTHING_KEPT: N_(
        "Nothing was kept with this record; person, access levels and schedules are taken as they are now."
    ),
    ExplainNote.SCHEDULES_NOT_KEPT: N_(
        "The schedules were too many to keep; they are taken as they are now."
    ),
    ExplainNote.ERASED: N_(
        "The person was erased, and what the rules saw with them; only the record itself remains."
    ),
    ExplainNote.NOT_UNDERSTOOD: N_(
        "What was kept with this record is of a version this program does not know."
    ),
    ExplainNote.NO_RULE_ASKED: N_("Nothing was known of the badge, so no rule was asked."),
    ExplainNote.PIN_ASSUMED: N_("The door asks for a PIN; the right one is taken as keyed in."),
    ExplainNote.TOGETHER: N_("Two people were let in together, each with the other as the second person."),
    ExplainNote.RULES_GONE: N_(
        "The version of the rules that decided is not known here any more; those in force now are asked."
    ),
}
