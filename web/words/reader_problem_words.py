"""What is wrong with a reader, in words: one sentence for each code of `firmware_bridge/problems.py`.

The command line uses these sentences too.
"""

from collections.abc import Mapping

from controller.errors import N_
from web.words.system_errors import in_words
from web.words.words import Words

PROBLEM_WORDS: Mapping[str, str] = {
    "bridge_ended": N_(
        "The bridge of reader {reader} ended ({end}) and restarts; if that repeats, read why with "
        "`journalctl -u genkan-door`."
    ),
    "bridge_silent": N_(
        "The bridge of reader {reader} was silent and restarts; if that repeats, unplug the reader and plug "
        "it in again."
    ),
    "bridge_not_started": N_(
        "The bridge of reader {reader} cannot be started ({error}); install Genkan again."
    ),
    "not_there": N_("The reader at {path} is not there; plug it in."),
    "no_permission": N_(
        "The reader at {path} may not be opened by this service; give its account access to the device."
    ),
    "port_busy": N_(
        "The reader at {path} is in use by another program or another reader's bridge; stop it, or correct "
        "the path."
    ),
    "wrong_device_or_speed": N_(
        "The reader at {path} answers, but not as a PN532 or Arygon does; correct its path in genkan.toml, "
        "or set it to {baud} baud."
    ),
    "no_answer_on_serial": N_(
        "The reader at {path} does not answer on its serial line; check its power and cable, that it is "
        "switched to serial (HSU), and its speed ({baud} baud)."
    ),
    "unsupported_make": N_(
        "The reader at {path} is of a make that Genkan does not support; use one that genkan.example.toml "
        "names, or correct its path."
    ),
    "serial_number_twice": N_(
        "The reader at {path} has the serial number of another reader; write usb:port: and the port it is "
        "plugged into."
    ),
    "not_a_serial_port": N_("The reader at {path} is not a serial port; correct its path in genkan.toml."),
    "no_answer": N_("The reader at {path} does not answer; unplug it and plug it in again."),
    "answers_with_errors": N_(
        "The reader at {path} answers with errors; check its cable, then unplug it and plug it in again."
    ),
    "answers_nonsense": N_("The reader at {path} sends invalid data; unplug it and plug it in again."),
    "opens_with_nonsense": N_(
        "The reader at {path} sends invalid data when it is opened; unplug it and plug it in again."
    ),
    "fails": N_("The reader at {path} fails ({error}); check its path in genkan.toml."),
    "pcsc_fails": N_("The reader at {path} fails (PC/SC {pcsc_code}); unplug it and plug it in again."),
    "pcscd_not_running": N_(
        "The reader at {path} cannot be polled because pcscd is not running; start it: systemctl start "
        "pcscd.socket."
    ),
    "pcscd_refuses": N_("pcscd refuses access to the reader at {path}; install deploy/60-genkan-pcsc.rules."),
    "pcsc_busy": N_("The reader at {path} is in use by another program; stop that program."),
    "pcsc_name_twice": N_(
        "The reader at {path} has the name of another reader; write the whole name that pcscd lists, or "
        "unplug one."
    ),
    "pyscard_missing": N_(
        "The reader at {path} needs pyscard, which is not installed; run `make pcsc` as root."
    ),
    "osdp_no_answer": N_("Reader {reader} does not answer; check its power, wiring, address and speed."),
    "osdp_not_understood": N_(
        "The door cannot read the messages of reader {reader}; check its speed, its wiring, the resistors at "
        "the ends of the line, that no other reader has its address, and that it speaks OSDP."
    ),
    "osdp_wrong_address": N_(
        "Reader {reader} answers with address {found_address} instead of {address}; give it its address, or "
        "correct its path in genkan.toml."
    ),
    "osdp_key_refused": N_(
        "Reader {reader} has another key than the door; set it to install mode and give it a new "
        "one on the doors page, or by `genkan osdp install --reader {reader}`."
    ),
    "osdp_readers_exchanged": N_(
        "Reader {reader} knows the key of {other_reader} instead of its own: the two readers are swapped; "
        "exchange them, or their addresses."
    ),
    "osdp_no_encryption": N_(
        "Reader {reader} cannot encrypt its messages; replace it by one with OSDP secure channel."
    ),
    "osdp_unexpected_answer": N_(
        "Reader {reader} sends replies that do not match the commands; check that it speaks OSDP 2."
    ),
    "osdp_session_ended": N_("Reader {reader} ended its session; if that happens again, check its power."),
    "osdp_forged_messages": N_(
        "Reader {reader} sent messages without a valid MAC of its key; check its cable for a foreign device."
    ),
    "key_missing": N_(
        "Reader {reader} has no key yet; set it to install mode and give it a new one on the doors page, or "
        "by `genkan osdp install --reader {reader}`."
    ),
    "key_unreadable": N_(
        "Reader {reader} has a key that cannot be read ({error}); correct who owns the key file."
    ),
    "key_shared": N_(
        "Reader {reader} has the same key as {other_reader}; set it to install mode and give it a new one "
        "on the doors page, or by `genkan osdp install --reader {reader}`."
    ),
    "key_wrong_size": N_(
        "Reader {reader} has a key that is {size} bytes long and not {right_size}; set it to install mode "
        "and give it a new one on the doors page, or by `genkan osdp install --reader {reader}`."
    ),
    "key_is_default": N_(
        "Reader {reader} has a key that is the public default key; set it to install mode and give it a new "
        "one on the doors page, or by `genkan osdp install --reader {reader}`."
    ),
    "key_one_byte": N_(
        "Reader {reader} has a key that is one byte repeated; set it to install mode and give it a new one "
        "on the doors page, or by `genkan osdp install --reader {reader}`."
    ),
    "key_counts": N_(
        "The key of reader {reader} is a plain number sequence; set it to install mode and give it a "
        "new one on the doors page, or by `genkan osdp install --reader {reader}`."
    ),
    "key_repeats": N_(
        "Reader {reader} has a key that repeats itself; set it to install mode and give it a "
        "new one on the doors page, or by `genkan osdp install --reader {reader}`."
    ),
    "line_unplugged": N_(
        "Reader {reader} cannot be reached: its line at {path} was unplugged; plug the adapter in."
    ),
    "line_busy": N_(
        "Reader {reader} cannot be reached: its line at {path} is used by another program; stop that one, "
        "or correct the path in genkan.toml."
    ),
    "line_not_there": N_(
        "Reader {reader} cannot be reached: its line at {path} is not there; plug the adapter in, or "
        "correct the path in genkan.toml."
    ),
    "line_no_permission": N_(
        "Reader {reader} cannot be reached: its line at {path} may not be opened; put the door's user into "
        "the group dialout."
    ),
    "line_not_serial": N_(
        "Reader {reader} cannot be reached: its line at {path} cannot be opened as a serial port; correct "
        "the path in genkan.toml."
    ),
}


def problem_text(
    words: Words, problem: str, fields: Mapping[str, object] | None = None, reader: str = ""
) -> str:
    """The sentence for `problem` of `reader`.

    `problem` of a record from an earlier version is a sentence already: it is returned unchanged, as is a
    code of a later version and one whose fields are incomplete.
    """
    key = PROBLEM_WORDS.get(problem)
    if key is None:
        return problem
    try:
        return words.translate(key).format_map({**in_words(fields or {}), "reader": reader})
    except KeyError:
        return problem
