"""What a page says after something was done. The address carries the code, never the sentence."""

from controller.errors import N_

NOTICES = {
    "added": N_("Added."),
    "saved": N_("Saved."),
    "removed": N_("Removed."),
    "suspended": N_("Suspended. The door refuses from the next tap on."),
    "resumed": N_("In use again."),
    "lost": N_("Reported lost. The door refuses this badge from the next tap on."),
    "enrolled": N_("The badge is enrolled."),
    "password": N_("The password is changed. All other sign-ins of this account have ended."),
    "pin": N_("The PIN is set. It holds at the door from now on."),
    "disabled": N_("Disabled. All sign-ins of this account have ended."),
    "enabled": N_("In use again."),
    "erased": N_("Erased. The badges open nothing any more; the door takes the name out of the log."),
    "imported": N_("The badges are imported and hold at the door from now on."),
    "keys_imported": N_("Imported. These badges have to prove their key from the next tap on."),
    "key_forgotten": N_("The key is taken away. The badge counts by its number again."),
    "discarded": N_("Nothing was imported."),
    "checkpoint": N_("A fresh checkpoint was made. It covers everything up to the moment you asked."),
    "acknowledged": N_("Acknowledged. Your note is in the log."),
    "lockdown_begun": N_("The lockdown is on. Nobody enters by badge; leaving is free."),
    "lockdown_ended": N_("The lockdown has ended. The rules hold as before."),
    "draft_saved": N_("Saved to the draft. Nothing has changed at the door yet."),
    "draft_discarded": N_("The draft is discarded. Nothing was changed."),
    "rules_published": N_("Published. The rules are in force at the door within a second."),
    "forgiven": N_("Forgiven. The next entry passes anti-passback."),
    "counted_out": N_("Counted out. The reason is in the log."),
    "missed_tap": N_("Dealt with. The reason is in the log."),
    "signed_out": N_("You are signed out."),
    "set_up": N_("Genkan is set up. You are signed in as its first administrator."),
}
