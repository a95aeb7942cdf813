"""A whole genkan.toml becomes typed fields, or one sentence says what is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.config import Config, load
from controller.errors import ConfigError
from controller.model.access import Direction
from tests.controller.config.texts import WHOLE, write


def test_whole_configuration_is_read_into_typed_fields(tmp_path: Path):
    config = load(write(tmp_path, WHOLE))
    assert config.data == tmp_path
    assert config.site.name == "本社"
    assert config.web.port == 8123
    assert config.doors["front"].release_time.total_seconds() == 3
    assert config.doors["front"].label_ja == "front"
    assert config.access_points["front-in"].direction is Direction.IN
    assert config.readers["front-in"].access_point == "front-in"


def test_version_is_that_of_the_text_so_that_any_edit_shows(tmp_path: Path):
    first = load(write(tmp_path, WHOLE)).version
    assert load(write(tmp_path, WHOLE)).version == first
    assert load(write(tmp_path, WHOLE + "# a remark\n")).version != first


def test_empty_file_is_a_site_without_doors(tmp_path: Path):
    config: Config = load(write(tmp_path, ""))
    assert not config.doors
    assert config.web.host == "127.0.0.1"
    assert not config.site.demo


@pytest.mark.parametrize("text", ["[site", "\x00", "a = 1\na = 2", "[site]\nname = '\udcff'"])
def test_text_that_is_not_toml_is_refused_in_one_sentence(tmp_path: Path, text: str):
    file = tmp_path / "genkan.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(file)


def test_missing_file_is_refused_with_what_to_do(tmp_path: Path):
    with pytest.raises(ConfigError, match="genkan init"):
        load(tmp_path / "genkan.toml")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(tmp_path_factory: pytest.TempPathFactory, text: str):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load(file)
    except ConfigError as refusal:
        assert "any.toml" in str(refusal)
