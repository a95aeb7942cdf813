"""Sentences of the bridges, in the language of the page."""

import re

import pytest

from firmware_bridge.nfc import look
from firmware_bridge.osdp import keys, link, reader, wire
from firmware_bridge.osdp.link import Link
from firmware_bridge.osdp.reader import LineReader
from tests.web import bridge_sentences
from web.reader_problems import PROBLEMS, problem_text

NAME, PATH = "entrance-in", "/dev/ttyUSB0"
FIELDS = {
    "reader": NAME,
    "name": NAME,
    "path": "pcsc:Sony RC-S300/S (1234567) 00 00",
    "reason": "No such file or directory",
    "end": "signal 9, SIGKILL",
    "other": "back-door",
    "address": "3",
    "number": "8010001B",
    "bytes": "15",
    "whole": "16",
}
SAID = bridge_sentences.said()


def of_a_line() -> list[str]:
    """All that a bridge of a line says, as it says it."""
    channel = type("Channel", (), {"foreign": 5})()
    one = LineReader(NAME, 3, channel, Link(NAME, 0))  # type: ignore[arg-type]
    one.channel.command = one.channel.reply = None
    install = keys.how_to_install(NAME)
    said = [link.SILENT, link.FORGED, reader.NOISE, one.wrong_key, one.exchanged("back"), one.why_down(False)]
    said += [f"has no key yet; {install}", f"has the same key as back; {install}"]
    for weak in (keys.DEFAULT_KEY, bytes(16), bytes(range(16)), b"ab" * 8, b"short"):
        said.append(f"has a key that {keys.weakness(weak)}; {install}")
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


def test_whatever_a_bridge_can_say_is_known_to_the_pages() -> None:
    """Fails for a sentence that was added to a bridge and not to web/reader_problems.py."""
    assert [
        f"{SAID[part]}: {part}"
        for part in sorted(SAID)
        if not any(bridge_sentences.is_in(part, key) for key in PROBLEMS)
    ] == []


@pytest.mark.parametrize("key", PROBLEMS)
def test_every_problem_is_said_by_a_bridge_and_shown_with_what_to_do(key: str) -> None:
    assert any(bridge_sentences.is_in(part, key) for part in SAID), "no bridge says this any more"
    sentence = key.format(**FIELDS)
    assert len(sentence) <= 240  # what the door takes of it
    assert problem_text("en", sentence) == sentence
    japanese = problem_text("ja", sentence)
    assert japanese.count("。") >= 2 and japanese.endswith("ください。")
    for field in re.findall(r"{(\w+)}", key):
        assert FIELDS[field] in japanese


def test_sentence_added_to_a_bridge_would_be_seen() -> None:
    source = (
        '"""Doc of it."""\n\ndef lost(x):\n    """A docstring here."""\n    return f"melts at {x}; cool it"'
    )
    (part,) = bridge_sentences.parts(source)
    assert re.fullmatch(part, "melts at 90; cool it")
    assert not any(bridge_sentences.is_in(part, key) for key in PROBLEMS)


@pytest.mark.parametrize("text", ["", "unplugged", "Reader {reader} does not answer", "<b>Reader</b> x."])
def test_sentence_nobody_knows_is_shown_as_it_came(text: str) -> None:
    assert problem_text("ja", text) == text
