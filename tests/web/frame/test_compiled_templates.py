import os
import shutil
from pathlib import Path

import jinja2.environment
import pytest

from web.frame.compiled_templates import CompiledTemplates, compile_all, environment


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compiled")
    compile_all(folder)
    return folder


@pytest.fixture
def folder(compiled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(compiled, tmp_path / "compiled")


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The names of templates that Jinja compiles."""
    compiled: list[str | None] = []
    compile_one = jinja2.environment.Environment.compile

    def counted(self, source, name=None, *arguments, **words):
        compiled.append(name)
        return compile_one(self, source, name, *arguments, **words)

    monkeypatch.setattr(jinja2.environment.Environment, "compile", counted)
    return compiled


def test_compiled_pages_are_read_and_not_compiled_again(folder: Path, compilations: list[str]):
    pages = environment(CompiledTemplates(folder))
    for name in pages.list_templates(extensions=["html"]):
        pages.get_template(name)
    assert len(list(folder.iterdir())) > 40 and compilations == []


def test_page_without_a_file_is_compiled_once_for_all_languages_and_nothing_is_written(
    tmp_path: Path, compilations: list[str]
):
    shared = CompiledTemplates(tmp_path / "missing")
    for pages in (environment(shared), environment(shared)):
        pages.get_template("base.html")
    assert compilations == ["base.html"] and not list(tmp_path.iterdir())


def test_changed_or_damaged_page_is_compiled_again(folder: Path, compilations: list[str]):
    kept = CompiledTemplates(folder)
    content = kept.file("base.html").read_bytes()
    kept.file("base.html").write_bytes(kept.file("log.html").read_bytes())  # another text's
    for name in ("forms.html", "problem.html"):
        kept.file(name).write_bytes(os.urandom(100) if name == "forms.html" else content[:-50])
    pages = environment(kept)
    for name in ("base.html", "forms.html", "problem.html", "log.html"):
        pages.get_template(name)
    assert compilations == ["base.html", "forms.html", "problem.html"]


def test_files_of_another_version_are_removed(folder: Path):
    old = folder / "log.html.cpython-309-jinja-3.0"
    old.write_bytes(b"old")
    compile_all(folder)
    assert not old.exists() and CompiledTemplates(folder).file("log.html").exists()


def test_every_make_venv_compiles_templates_beside_modules() -> None:
    """An upgrade brings new templates without a new environment."""
    makefile = (Path(__file__).parents[3] / "Makefile").read_text()
    recipe = makefile.partition("\nvenv:")[2].partition("\n\n")[0]
    assert "-m compileall -q controller firmware_bridge web" in recipe
    assert "-m web.frame.compiled_templates" in recipe
