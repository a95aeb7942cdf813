"""What is wrong with a reader, in the language of the page.

A bridge says it in one English sentence, and so does the log. The sentences are listed here once more, as
message keys with their fields, and are found again by their form; one that is not known is shown as it came.
A test collects what the bridges can say from their code, so that none is forgotten here.
"""

import re
from collections.abc import Sequence
from functools import cache

from controller.errors import N_
from web.language import translate

PROBLEMS: Sequence[str] = (
    N_(
        "The bridge of reader {reader} ended ({end}) and is started again; if that goes on, read why with "
        "`journalctl -u genkan-door`."
    ),
    N_(
        "The bridge of reader {reader} was silent and is started again; if that goes on, unplug the reader "
        "and plug it in again."
    ),
    N_("The bridge of reader {reader} cannot be started ({reason}); install Genkan again."),
    N_("The reader at {path} is not there; plug it in."),
    N_("The reader at {path} may not be opened by this service; give its account the right to the device."),
    N_(
        "The reader at {path} is in use by another program or another reader's bridge; stop it, or correct "
        "the path."
    ),
    N_(
        "The reader at {path} answers, but not as a PN532 or Arygon does; correct its path in genkan.toml, "
        "or set it to 115200 baud."
    ),
    N_(
        "The reader at {path} does not answer on its serial line; check its power and cable, that it is "
        "switched to serial (HSU), and its speed (115200 baud)."
    ),
    N_(
        "The reader at {path} is of a make that is not known here; take one that genkan.example.toml names, "
        "or correct its path."
    ),
    N_(
        "The reader at {path} has the serial number of another one; write usb:port: and the port it is "
        "plugged into."
    ),
    N_("The reader at {path} is no serial port; correct its path in genkan.toml."),
    N_("The reader at {path} does not answer; unplug it and plug it in again."),
    N_("The reader at {path} answers with errors; check its cable, then unplug it and plug it in again."),
    N_("The reader at {path} answers nonsense; unplug it and plug it in again."),
    N_("The reader at {path} answers nonsense when it is opened; unplug it and plug it in again."),
    N_("The reader at {path} fails ({reason}); check its path in genkan.toml."),
    N_("The reader at {path} fails (PC/SC {number}); unplug it and plug it in again."),
    N_(
        "The reader at {path} cannot be asked because pcscd is not running; start it: systemctl start "
        "pcscd.socket."
    ),
    N_("The reader at {path} is refused by pcscd; install deploy/60-genkan-pcsc.rules."),
    N_("The reader at {path} is in use by another program; stop that program."),
    N_(
        "The reader at {path} has the name of another one; write the whole name that pcscd lists, or unplug "
        "one."
    ),
    N_("The reader at {path} needs pyscard, which is not installed; run `make pcsc` as root."),
    N_("Reader {reader} does not answer; check its power, wiring, address and speed."),
    N_(
        "Reader {reader} is not understood; check its speed, its wiring, the resistors at the ends of the "
        "line, that no other reader has its address, and that it speaks OSDP."
    ),
    N_(
        "Reader {reader} answers with address {other} instead of {address}; give it its address, or correct "
        "its path in genkan.toml."
    ),
    N_(
        "Reader {reader} does not know its key; set it to install mode and give it a new one on the doors "
        "page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has no key yet; set it to install mode and give it a new one on the doors page, or "
        "by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has the same key as {other}; set it to install mode and give it a new one on the "
        "doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has a key that is the default key everybody knows; set it to install mode and give "
        "it a new one on the doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has a key that is one byte repeated; set it to install mode and give it a new one "
        "on the doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has a key that only counts; set it to install mode and give it a new one on the "
        "doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has a key that repeats itself; set it to install mode and give it a new one on the "
        "doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_(
        "Reader {reader} has a key that is {bytes} bytes long and not {whole}; set it to install mode and "
        "give it a new one on the doors page, or by `genkan osdp install --reader {name}`."
    ),
    N_("Reader {reader} has a key that cannot be read ({reason}); correct who owns it."),
    N_(
        "Reader {reader} knows the key of {other} instead of its own: somebody has put one in the place of "
        "the other; exchange them, or their addresses."
    ),
    N_("Reader {reader} cannot encrypt what it says; replace it by one with OSDP secure channel."),
    N_("Reader {reader} answers what was not asked; check that it speaks OSDP 2."),
    N_("Reader {reader} ended its session; if that happens again, check its power."),
    N_(
        "Reader {reader} sent messages that do not bear its key's seal; look for somebody else's device on "
        "its cable."
    ),
    N_("Reader {reader} cannot be reached: its line at {path} was unplugged; plug the adapter in."),
    N_(
        "Reader {reader} cannot be reached: its line at {path} is used by another program; stop that one, "
        "or correct the path in genkan.toml."
    ),
    N_(
        "Reader {reader} cannot be reached: its line at {path} is not there; plug the adapter in, or "
        "correct the path in genkan.toml."
    ),
    N_(
        "Reader {reader} cannot be reached: its line at {path} may not be opened; put the door's user into "
        "the group dialout."
    ),
    N_(
        "Reader {reader} cannot be reached: its line at {path} cannot be opened as a serial port; correct "
        "the path in genkan.toml."
    ),
)


# A path has spaces as pcscd names it, and a reason is the system's; any other field is a name or a number.
_WORD = r"\S+?"
_FIELDS = {"path": ".+?", "reason": ".+?", "other": ".+?", "end": ".+?"}


def problem_text(language: str, text: str) -> str:
    for form, key in _forms():
        if (found := form.fullmatch(text)) is not None:
            return translate(language, key, **found.groupdict())
    return text


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    def field(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{_FIELDS.get(found[1], _WORD)})"

    return tuple((re.compile(re.sub(r"\\\{(\w+)\\\}", field, re.escape(key))), key) for key in PROBLEMS)
