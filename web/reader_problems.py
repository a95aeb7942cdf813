"""What is wrong with a reader, in the language of the page.

A bridge says it in one English sentence, and so does the log. The sentences are listed here once more, as
message keys with their fields, and are found again by their form; one that is not known is shown as it came.
"""

import re
from collections.abc import Sequence
from functools import cache

from controller.errors import N_
from web.language import say

PROBLEMS: Sequence[str] = (
    N_("The bridge of reader {reader} ended and is started again."),
    N_("The bridge of reader {reader} was silent and is started again."),
    N_("The reader at {path} is not there; plug it in."),
    N_("The reader at {path} may not be opened by this service; give its account the right to the device."),
    N_(
        "The reader at {path} is in use by another program or another reader's bridge; stop it, or correct "
        "the path."
    ),
    N_("The reader at {path} answers, but not as a PN532 or Arygon does; correct its path in genkan.toml."),
    N_("The reader at {path} is of a make that is not known here; genkan.example.toml names those that are."),
    N_(
        "The reader at {path} has the serial number of another one; write usb:port: and the port it is "
        "plugged into."
    ),
    N_("The reader at {path} is no serial port; correct its path in genkan.toml."),
    N_("The reader at {path} does not answer; unplug it and plug it in again."),
    N_("The reader at {path} answers with errors; check its cable, then unplug it and plug it in again."),
    N_("Reader {reader} does not answer; check its power, wiring, address and speed."),
    N_(
        "Reader {reader} is not understood; check its speed, its wiring, the resistors at the ends of the"
        " line, and that no other reader has its address."
    ),
    N_(
        "Reader {reader} answers with address {other} instead of {address}; give it its address, or "
        "correct its path in genkan.toml."
    ),
    N_(
        "Reader {reader} does not know its key; set it to install mode and give it a new one on the doors"
        " page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has no key yet; set it to install mode and give it a new one on the doors page, "
        "or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has the same key as {other}; set it to install mode and give it a new one on the"
        " doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has a key that is the default key everybody knows; set it to install mode and "
        "give it a new one on the doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} knows the key of {other} instead of its own: somebody has put one in the place "
        "of the other; exchange them, or their addresses."
    ),
    N_("Reader {reader} cannot encrypt what it says; replace it by one with OSDP secure channel."),
    N_("Reader {reader} answers what was not asked; check that it speaks OSDP 2."),
    N_("Reader {reader} ended its session; if that happens again, check its power."),
    N_(
        "Reader {reader} sent messages that do not bear its key's seal; look for somebody else's device "
        "on its cable."
    ),
    N_("Reader {reader} cannot be reached: its line at {path} was unplugged; plug the adapter in."),
    N_(
        "Reader {reader} cannot be reached: its line at {path} is used by another program; stop that one,"
        " or correct the path in genkan.toml."
    ),
    N_(
        "Reader {reader} cannot be reached: its line at {path} is not there; plug the adapter in, or "
        "correct the path in genkan.toml."
    ),
    N_(
        "Reader {reader} cannot be reached: its line at {path} may not be opened; put the door's user "
        "into the group dialout."
    ),
    N_(
        "Reader {reader} cannot be reached: its line at {path} cannot be opened as a serial port; correct"
        " the path in genkan.toml."
    ),
)


def problem_text(language: str, text: str) -> str:
    for form, key in _forms():
        if (found := form.fullmatch(text)) is not None:
            return say(language, key, **found.groupdict())
    return text


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """A field is a word: a name of genkan.toml, a path, a number."""
    return tuple(
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\S+?)", re.escape(key))), key) for key in PROBLEMS
    )
