import unicodedata

import pytest

from controller.errors import BadInput
from controller.services.people.import_file import ImportFile, Row
from controller.services.people.import_titles import TITLES
from tests.controller.services.people.test_import_file import rows


@pytest.mark.parametrize("field", TITLES)
def test_every_title_is_known_in_any_writing(field: str):
    for title in TITLES[field]:
        for written in (title, title.upper(), f" {title}　", unicodedata.normalize("NFD", title)):
            others = {"name": "name", "idm": "idm"} | {field: written}
            cells = ",".join("A" for _ in others)
            (row,) = rows(f"{','.join(others.values())}\n{cells}\n".encode())
            assert isinstance(row, Row) and set(row.values) == set(others)


def test_unknown_columns_are_all_named_with_the_known_ones():
    with pytest.raises(BadInput, match=r"“部署”, “Shoe size”.*name \(氏名\), kana \(よみ\)"):
        ImportFile("氏名,IDm,部署,Shoe size\n".encode())
