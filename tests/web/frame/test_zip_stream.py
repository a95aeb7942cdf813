"""A zip on its way out: opened by others, asked for in order, never held."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import datetime

from web.frame.zip_stream import zipped

AT = datetime(2026, 11, 24, 15, 30, 20)


def test_any_unzip_finds_names_contents_and_times() -> None:
    files = [("受付_log.csv", [b"a" * 70_000, b"", "名".encode()]), ("empty.txt", []), ("x.proof", [b"p"])]
    raw = b"".join(zipped(files, AT))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        assert {entry.filename: archive.read(entry) for entry in archive.infolist()} == {
            name: b"".join(pieces) for name, pieces in files
        }
        entry = archive.infolist()[0]
    assert entry.date_time == (2026, 11, 24, 15, 30, 20)
    assert entry.compress_size < 1000
    assert entry.external_attr >> 16 == 0o600


def test_next_file_is_asked_for_when_the_one_before_is_complete() -> None:
    seen: list[str] = []

    def pieces(name: str) -> Iterator[bytes]:
        seen.append(f"{name} begun")
        yield b"x"
        seen.append(f"{name} done")

    def files() -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "first", pieces("first")
        seen.append("second wanted")
        yield "second", pieces("second")

    assert b"".join(zipped(files(), AT))
    assert seen == ["first begun", "first done", "second wanted", "second begun", "second done"]


def test_nothing_is_kept_however_much_goes_through() -> None:
    line = bytes(range(256)) * 2000
    tracemalloc.start()
    sent = sum(map(len, zipped([("large", (line for _ in range(200)))], AT)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 0
    assert most < 4 * len(line), "100 MB went through"
