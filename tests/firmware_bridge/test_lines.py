import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.lines import LineBuffer
from firmware_bridge.messages import MAX_LINE

LINES = st.lists(st.binary(max_size=MAX_LINE + 300).map(lambda b: b.replace(b"\n", b"") + b"\n"), max_size=8)


@given(LINES, st.lists(st.integers(1, 700), max_size=30))
def test_lines_sliced_anyhow_come_back_whole_and_long_ones_are_dropped(
    lines: list[bytes], sizes: list[int]
) -> None:
    stream, buffer, got = b"".join(lines), LineBuffer(), []
    for size in [*sizes, len(stream)]:
        got += buffer.feed(stream[:size])
        stream = stream[size:]
    assert got == [line for line in lines if len(line) <= MAX_LINE]
    assert buffer.dropped == sum(len(line) > MAX_LINE for line in lines)


def test_line_one_byte_at_a_time_comes_back_whole() -> None:
    buffer = LineBuffer()
    got = [line for byte in b'{"type":1}\nx' for line in buffer.feed(bytes([byte]))]
    assert got == [b'{"type":1}\n']


def test_line_without_end_is_not_kept_in_memory() -> None:
    buffer = LineBuffer()
    chunk = b"\x00" * 65_536
    tracemalloc.start()
    for _ in range(1000):
        assert buffer.feed(chunk) == []
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 64 * 1024
    assert buffer.feed(b"\nnext\n") == [b"next\n"]
    assert buffer.dropped == 1
