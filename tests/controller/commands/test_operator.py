"""`genkan operator`: accounts from the command line, and a forgotten password."""

from pathlib import Path

import pytest

from controller.config import load
from controller.errors import BadInput
from controller.services.operators import sign_in
from controller.services.site import Site
from tests.controller.commands.command import Answer, done, genkan, refused, unchanged
from tests.sample_site import NOW

PASSWORD = "the badge opens the door at nine"


def add(data: Path, name: str = "anna", role: str = "admin", password: str = PASSWORD, *more: str) -> Answer:
    words = ("operator", "add", "--data", data, "--name", name, "--role", role, "--password-file", "-", *more)
    return genkan(*words, typed=password + "\n")


def enters(data: Path, name: str, password: str) -> bool:
    with Site.open(load(data / "genkan.toml"), lambda: NOW) as site:
        try:
            return bool(sign_in.sign_in(site, NOW, name, password, "127.0.0.1").token)
        except BadInput:
            return False


def test_added_operator_is_listed_and_can_sign_in(data: Path):
    done(add(data, "anna", "admin"))
    done(add(data, "ben", "viewer", "another sentence only I would write", "--display-name", "ベン"))
    assert done(genkan("operator", "list", "--data", data)).lines == [
        "anna\tadmin\tactive",
        "ben\tviewer\tactive",
    ]
    assert enters(data, "ben", "another sentence only I would write")


def test_password_file_from_a_windows_editor_is_the_same_password(data: Path, tmp_path: Path):
    file = tmp_path / "password"
    file.write_bytes(b"\xef\xbb\xbf" + PASSWORD.encode() + b"\r\nand a second line\r\n")
    words = ("operator", "add", "--data", data, "--name", "anna", "--role", "admin", "--password-file", file)
    done(genkan(*words))
    assert enters(data, "anna", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("", PASSWORD, "sign-in name"),
        ("a b", PASSWORD, "sign-in name"),
        ("x" * 1000, PASSWORD, "1000 characters; shorten it"),
        ("\udcff", PASSWORD, "sign-in name"),
        ("anna", "short", "5 characters"),
        ("anna", "", "0 characters"),
        ("anna", "x" * 9_000, "9000 characters; shorten it"),
        ("anna", "qwertyuiopasdfghjkl", "too common"),
    ],
)
def test_impossible_name_or_password_is_refused_and_nothing_changes(
    data: Path, name: str, password: str, why: str
):
    with unchanged(data):
        refusal = refused(add(data, name, "admin", password))
    assert why in refusal


def test_second_operator_of_a_name_is_refused(data: Path):
    done(add(data, "anna"))
    with unchanged(data):
        assert "anna" in refused(add(data, "ANNA", "viewer"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x80 not a text in UTF-8\n", None])
def test_password_file_that_cannot_be_read_is_wrong_usage(data: Path, tmp_path: Path, content: bytes | None):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    words = ("operator", "add", "--data", data, "--name", "anna", "--role", "admin", "--password-file", file)
    with unchanged(data):
        assert "--password-file" in refused(genkan(*words), status=2)


def test_without_a_terminal_the_password_is_not_asked_for(data: Path):
    with unchanged(data):
        words = ("operator", "add", "--data", data, "--name", "anna", "--role", "admin")
        assert "--password-file" in refused(genkan(*words), status=2)


def test_unknown_role_is_wrong_usage(data: Path):
    assert "king" in refused(add(data, "anna", "king"), status=2)


def test_reset_password_admits_and_the_old_one_no_longer(data: Path):
    done(add(data))
    refusal = done(genkan("operator", "reset", "--data", data, "anna")).text
    assert enters(data, "anna", refusal.split(": ")[1].strip())
    assert not enters(data, "anna", PASSWORD)


@pytest.mark.parametrize("name", ["ben", "", "x" * 1000, "\udcff"])
def test_reset_of_nobody_is_refused_and_nothing_changes(data: Path, name: str):
    done(add(data))
    with unchanged(data):
        refused(genkan("operator", "reset", "--data", data, "--", name))
