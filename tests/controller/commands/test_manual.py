"""The manual page: every command, none of its text read as a roff request."""

from controller.commands.examples import EXAMPLES
from controller.commands.manual import manual

REQUESTS = {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".RI", ".nf", ".fi"}


def test_manual_page_has_a_section_for_every_command_with_its_options_and_examples():
    page = manual()
    for name, lines in EXAMPLES.items():
        assert f'.SS "genkan {name}'.replace("-", "\\-") in page, name
        for line in lines:
            assert line.replace("-", "\\-") in page, line
    assert ".B \\-\\-person NAME" in page
    assert "GENKAN_DATA" in page and ".SH EXIT STATUS" in page


def test_no_text_of_the_manual_page_is_mistaken_for_a_request():
    assert {line.split()[0] for line in manual().splitlines() if line.startswith((".", "'"))} == REQUESTS
