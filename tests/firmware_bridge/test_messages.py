import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import messages
from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import BadMessage, decode_from_bridge, decode_to_bridge, encode
from firmware_bridge.problems import Problem, ProblemCode, field_names

NUMBERS = st.integers(0, 2**53 - 1)
TEXTS = st.text(max_size=60)
PROBLEMS = st.sampled_from(ProblemCode).flatmap(
    lambda code: st.builds(
        Problem, st.just(code), st.fixed_dictionaries(dict.fromkeys(field_names(code), TEXTS | NUMBERS))
    )
)
FROM = st.one_of(
    st.builds(messages.BridgeHeartbeat, NUMBERS),
    st.builds(messages.DeviceOnline, TEXTS),
    st.builds(messages.DeviceOffline.of, PROBLEMS),
    st.builds(messages.CardFound, NUMBERS, TEXTS, TEXTS),
    st.builds(messages.CardRead, NUMBERS, TEXTS, TEXTS, NUMBERS),
    st.builds(messages.CardRejected, NUMBERS, TEXTS, TEXTS),
    st.builds(messages.DeviceOnline, TEXTS, TEXTS),
    st.builds(messages.CardFound, NUMBERS, TEXTS, TEXTS, TEXTS),
    st.builds(messages.PinKeyed, TEXTS, TEXTS),
    st.builds(messages.ConditionChanged, TEXTS, st.booleans(), TEXTS),
)
TO = st.one_of(
    st.builds(messages.NumberOnly, NUMBERS),
    st.builds(messages.ShowIndication, TEXTS),
    st.builds(messages.NumberOnly, NUMBERS, TEXTS),
    st.builds(messages.ShowIndication, TEXTS, TEXTS),
    st.builds(messages.ProveKey, NUMBERS, TEXTS, NUMBERS, TEXTS),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
)
FIELDS = st.sampled_from(
    ["type", "presentation", "kind", "number", "assurance", "looks", "device", "x", "reader", "active"]
)


@given(FROM)
def test_message_from_the_bridge_is_read_as_it_was_written(message: messages.FromBridge) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert decode_from_bridge(line) == message


@given(TO)
def test_message_to_the_bridge_is_read_as_it_was_written(message: messages.ToBridge) -> None:
    assert decode_to_bridge(encode(message)) == message


def test_card_presented_on_the_wire_is_this_line() -> None:
    assert encode(messages.CardRead(7, "felica", "0101031284C0FFEE", 0)) == (
        b'{"type":"card_presented","presentation":7,"kind":"felica","number":"0101031284C0FFEE","assurance":0}\n'
    )


def test_key_to_prove_is_in_no_repr_and_its_line_fits() -> None:
    wanted = messages.ProveKey(2**53 - 1, "3a9f41c7e2086bd5914c7ef23d60a8b1", 65535, "entrance-in")
    assert "3a9f" not in repr(wanted)
    assert decode_to_bridge(encode(wanted)) == wanted


def test_pin_is_in_no_repr_and_in_no_complaint_about_its_line() -> None:
    assert "204867" not in repr(messages.PinKeyed("204867", "a"))
    for line in (b'{"type":"pin_entered","digits":"204867"', b'{"type":"pin_entered","digits":204867}'):
        with pytest.raises(BadMessage) as error:
            decode_from_bridge(line)
        assert "204867" not in str(error.value)


def test_reader_is_named_only_where_there_are_several() -> None:
    assert encode(messages.DeviceOnline("x", "a")) == b'{"type":"device_online","device":"x","reader":"a"}\n'
    assert encode(messages.DeviceOnline("x")) == b'{"type":"device_online","device":"x"}\n'
    with pytest.raises(BadMessage, match="wrong reader"):
        decode_from_bridge(b'{"type":"device_online","device":"x","reader":""}')


@given(st.binary(max_size=1100) | JSON.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_a_message_or_a_bad_message(line: bytes) -> None:
    for decode in (decode_from_bridge, decode_to_bridge):
        try:
            decode(line)
        except BadMessage as error:
            assert line.strip() == b"" or len(line) < 8 or line not in str(error).encode()


@given(st.sampled_from([*messages._FROM, *messages._TO]), st.dictionaries(FIELDS, JSON, max_size=6))
def test_known_type_with_other_fields_is_refused_or_exact(kind: str, values: dict[str, object]) -> None:
    line = json.dumps({**values, "type": kind}).encode()
    try:
        message = decode_from_bridge(line)
    except BadMessage:
        return
    assert json.loads(encode(message)) == json.loads(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"[]",
        b'{"type":"heartbeat"}',
        b'{"type":"heartbeat","looks":true}',
        b'{"type":"heartbeat","looks":-1}',
        b'{"type":"heartbeat","looks":1.0}',
        b'{"type":"heartbeat","looks":"1"}',
        b'{"type":"heartbeat","looks":1,"more":1}',
        b'{"type":"number_only","presentation":1}',  # of the other direction
        b'{"type":["heartbeat"],"looks":1}',
        b"[" * 1000,
        b'{"type":"heartbeat","looks":' + b"9" * 900 + b"}",
        '{"type":"device_online","device":"é"}'.encode(),
        b'{"type":"device_online","device":"' + b"x" * 1024 + b'"}',
    ],
)
def test_malformed_line_is_a_bad_message(line: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_from_bridge(line)


def test_hundred_thousand_hostile_lines_are_messages_or_bad_messages() -> None:
    chance = random.Random(6)
    spice = [
        '"',
        "'",
        "\\",
        "\0",
        "%n",
        "$(reboot)",
        "'; DROP TABLE badges; --",
        "\ud800",
        "\u202e",
        "0",
        "F",
    ]
    stream = bytearray()
    for _ in range(100_000):
        text = "".join(chance.choices(spice, k=chance.randrange(12)))
        line = bytearray(
            json.dumps({"type": "card_found", "presentation": 1, "kind": "felica", "number": text}).encode()
        )
        if chance.random() < 0.5:
            line[chance.randrange(len(line))] = chance.randrange(256)
        stream += line + b"\n"
    found = refused = 0
    for line in LineBuffer().feed(bytes(stream)):
        try:
            message = decode_from_bridge(line)
        except BadMessage:
            refused += 1
        else:
            assert isinstance(message, messages.CardFound)
            found += 1
    assert found > 40_000 and refused > 10_000


def test_message_too_long_for_a_line_is_not_written() -> None:
    with pytest.raises(ValueError, match="would be"):
        encode(messages.DeviceOffline("not_there", {"path": "x" * 1024}))


@pytest.mark.parametrize(
    ("problem", "fields"),
    [
        ("melted", {}),
        ("not_there", {}),
        ("not_there", {"path": "usb", "baud": 9600}),
        ("not_there", {"path": None}),
        ("not_there", {"path": ["usb"]}),
        ("not_there", {"path": True}),
        ("not_there", {"path": -1}),
        ("not_there", {"path": 2**53}),
        ("osdp_no_answer", {"reader": "a"}),
        ("osdp_no_answer", []),
        ("osdp_no_answer", "x"),
        (7, {}),
        ([], {}),
        ({}, {}),
    ],
)
def test_problem_that_is_not_a_code_with_its_fields_is_a_bad_message(problem: object, fields: object) -> None:
    line = json.dumps({"type": "device_offline", "problem": problem, "fields": fields}).encode()
    with pytest.raises(BadMessage, match="wrong problem in device_offline"):
        decode_from_bridge(line)


def test_problem_on_the_wire_is_its_code_with_its_fields() -> None:
    problem = Problem(ProblemCode.PORT_BUSY, {"path": "tty:USB0"})
    assert encode(messages.DeviceOffline.of(problem)) == (
        b'{"type":"device_offline","problem":"port_busy","fields":{"path":"tty:USB0"}}\n'
    )
