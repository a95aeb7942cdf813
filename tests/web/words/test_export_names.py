from urllib.parse import unquote

import pytest

from web.words.export_names import attachment, export_stem


@pytest.mark.parametrize(
    ("site", "door", "person", "stem"),
    [
        ("Genkan", "", "", "Genkan_entry-log_2026-11-24_7-rows"),
        ("本社 3F", "entrance", "", "本社-3F_entry-log_entrance_2026-11-24_7-rows"),
        ('../../etc\r\n"x"', "", "f" * 16, "etc-x_entry-log_one-person_2026-11-24_7-rows"),
        ("・・", "", "", "entry-log_2026-11-24_7-rows"),
        ("x" * 300, "", "", "x" * 40 + "_entry-log_2026-11-24_7-rows"),
    ],
)
def test_name_says_site_and_part_and_never_who(site: str, door: str, person: str, stem: str) -> None:
    assert export_stem(site, door, person, "2026-11-24", 7) == stem


def test_header_is_plain_for_old_programs_and_true_for_others() -> None:
    header = attachment("本社_entry-log_7-rows.zip")
    assert header.isascii() and "\n" not in header
    assert header.startswith('attachment; filename="entry-log_7-rows.zip"; filename*=')
    assert unquote(header.rpartition("''")[2]) == "本社_entry-log_7-rows.zip"
