import pytest

from controller.issuing.byte_order import as_utf8, is_wide

TEXT = "genkan-door-key/1 玄関\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_that_notepad_saved_is_read_as_it_was(encoding: str):
    assert as_utf8(TEXT.encode(encoding)) == TEXT.encode()
    assert as_utf8(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT.encode()


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb", b"\xff", b"\xff\xfe", b"\xff\xfe\x00\xd8", b"\xfe\xff\x30"]
)
def test_what_is_cut_anywhere_makes_no_trouble(content: bytes):
    as_utf8(content).decode("utf-8", "replace")


def test_only_utf_16_is_wide():
    assert is_wide(TEXT.encode("utf-16")) and is_wide(b"\xfe\xff")
    assert not is_wide(TEXT.encode("utf-8-sig")) and not is_wide(b"")
