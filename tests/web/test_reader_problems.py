"""Sentences of the bridges, in the language of the page."""

import pytest

from firmware_bridge.nfc import look
from firmware_bridge.osdp import keys, link, reader, wire
from firmware_bridge.osdp.link import Link
from firmware_bridge.osdp.reader import LineReader
from web.reader_problems import problem_text

NAME, PATH = "entrance-in", "/dev/ttyUSB0"


def of_a_line() -> list[str]:
    """All that a bridge of a line says, as it says it."""
    channel = type("Channel", (), {"foreign": 5})()
    one = LineReader(NAME, 3, channel, Link(NAME, 0))  # type: ignore[arg-type]
    one.channel.command = one.channel.reply = None
    install = keys.how_to_install(NAME)
    said = [link.SILENT, link.FORGED, reader.NOISE, one.wrong_key, one.exchanged("back"), one.why_down(False)]
    said += [f"has no key yet; {install}", f"has the same key as back; {install}"]
    said += [f"has a key that {keys.weakness(keys.DEFAULT_KEY)}; {install}"]
    for text in ("exclusively lock", "No such file", "anything"):
        said.append(f"cannot be reached: its line at {PATH} {wire._problem(OSError(text))}")
    said.append(f"cannot be reached: its line at {PATH} {wire._problem(PermissionError(13, 'denied'))}")
    said.append(f"cannot be reached: its line at {PATH} was unplugged; plug the adapter in")
    return [f"Reader {NAME} {words}." for words in said]


def of_a_usb_reader() -> list[str]:
    return [f"The reader at usb:054c:06c3 {problem}." for problem in sorted(set(look._PROBLEMS.values()))]


@pytest.mark.parametrize("sentence", [*of_a_line(), *of_a_usb_reader()])
def test_sentence_of_a_bridge_is_japanese_on_a_japanese_page(sentence: str) -> None:
    japanese = problem_text("ja", sentence)
    assert japanese != sentence and "。" in japanese
    assert NAME in japanese or "usb:054c:06c3" in japanese
    assert problem_text("en", sentence) == sentence
    assert len(sentence) <= 240  # what the door takes of it


@pytest.mark.parametrize("text", ["", "unplugged", "Reader {reader} does not answer", "<b>Reader</b> x."])
def test_sentence_nobody_knows_is_shown_as_it_came(text: str) -> None:
    assert problem_text("ja", text) == text
