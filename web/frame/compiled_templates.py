"""Compiled templates, so that the first view of a page does not wait 40 to 150 ms for Jinja.

`make venv` runs this module as a program, which writes one file for each template, as Python does for
modules. The web only reads these files. Each is valid for one version of Python and Jinja and one text of its
template. The web compiles a template without a valid file when it first shows it, once for all languages, in
memory.
"""

import contextlib
import os
import pickle
import sys
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

TEMPLATES = Path(__file__).parents[1] / "templates"
FOLDER = TEMPLATES / "__pycache__"
_ENDING = f".{sys.implementation.cache_tag}-jinja-{jinja2.__version__}"
_UNREADABLE = (OSError, EOFError, ValueError, TypeError, pickle.UnpicklingError)


class CompiledTemplates(BytecodeCache):
    """Safe to share between threads and environments: compiled code knows no language."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._kept: dict[str, tuple[str, object]] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code  # type: ignore[assignment]
            return
        with contextlib.suppress(*_UNREADABLE), self.file(bucket.key).open("rb") as file:
            bucket.load_bytecode(file)
        if bucket.code is not None:
            self.dump_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.checksum, bucket.code

    def file(self, name: str) -> Path:
        return self._folder / (name.replace("/", "-") + _ENDING)


class _Writing(CompiledTemplates):
    def dump_bytecode(self, bucket: Bucket) -> None:
        super().dump_bytecode(bucket)
        file = self.file(bucket.key)
        own = file.with_name(f"{file.name}.{os.getpid()}")
        with own.open("wb") as to:
            bucket.write_bytecode(to)
        own.replace(file)


def environment(compiled: CompiledTemplates) -> jinja2.Environment:
    """The Jinja environment for compiling; `Renderer` adds the language and the functions that pages call."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=compiled,
    )
    environment.policies["ext.i18n.trimmed"] = True  # as the catalogue's extraction does
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment


def compile_all(folder: Path = FOLDER) -> None:
    """Write a file for each template that has none that fits, and remove those of other versions."""
    folder.mkdir(exist_ok=True)
    writing = _Writing(folder)
    pages = environment(writing)
    names = pages.list_templates(extensions=["html"])
    for name in names:
        pages.get_template(name)
    kept = {writing.file(name) for name in names}
    for file in folder.iterdir():
        if "-jinja-" in file.name and file not in kept:
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    compile_all()
