"""The program by itself: another folder, another Python, nothing of ours, without its one package."""

import ast
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.verify import genkan_verify
from tests.deploy.verify.conftest import CANNOT_TELL, GENKANS, OK, TAMPERED, forge
from tests.deploy.verify.reference import Log

pytestmark = pytest.mark.process

PROGRAM = Path(genkan_verify.__file__)
SYSTEM = Path("/usr/bin/python3.13")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    log = Log().fill(150)
    log.write(tmp_path / "data")
    log.export(tmp_path / "log.jsonl", [3, 50])
    (tmp_path / "key").write_text(f"Genkan, entrance\n{log.first_key.vkey}\n")
    text = PROGRAM.read_text("utf-8").replace(GENKANS[2], genkan_verify.TABLES[2])
    (tmp_path / "genkan_verify.py").write_text(text, "utf-8")
    return tmp_path


def run(site: Path, *words: str, python: str = sys.executable, start: str = "") -> tuple[int, str, str]:
    alone = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    how = ["-c", f"{start}; {alone}"]
    program = [python, "-I", *(how if start else []), "genkan_verify.py", *words]
    ran = subprocess.run(program, cwd=site, capture_output=True, text=True, encoding="utf-8")
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("python", [sys.executable, str(SYSTEM)])
def test_program_alone_answers(site: Path, python: str) -> None:
    if not Path(python).exists():
        pytest.skip(f"{python} is not here")
    for words in (
        ["export", "log.jsonl", "--key", "key"],
        ["folder", "data"],
        ["folder", "data", "--key", "key"],
    ):
        status, sentence, wrong = run(site, *words, python=python)
        assert (status, sentence.partition(":")[0], wrong) == (OK, "OK", ""), sentence
    line = json.loads((site / "log.jsonl").read_text("utf-8").splitlines()[0])
    (site / "log.jsonl").write_text(json.dumps(line))
    assert run(site, "export", "log.jsonl", "--key", "key", python=python)[0] not in (OK, 2)


def test_program_imports_the_standard_library_and_cryptography_only() -> None:
    names = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text("utf-8"), feature_version=(3, 9))):
        if isinstance(node, ast.Import):
            names |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    assert names <= sys.stdlib_module_names | {"cryptography"}
    assert "cryptography" in names


def test_without_cryptography_one_sentence_says_what_to_do(site: Path) -> None:
    for words in (["folder", "data"], ["export", "log.jsonl", "--key", "key"]):
        status, sentence, wrong = run(site, *words, start="import sys; sys.modules['cryptography'] = None")
        assert (status, wrong) == (CANNOT_TELL, "")
        assert "install it (pip install cryptography)" in sentence.splitlines()[0]


@pytest.mark.parametrize("words", [[], ["folder"], ["checkpoints", "one"], ["folder", "data", "--nonsense"]])
def test_wrong_usage_is_status_2(site: Path, words: list[str]) -> None:
    assert run(site, *words)[0] == 2


def test_terminal_without_japanese_still_gets_its_answer(site: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "genkan_verify.py", "folder", "data"],
        cwd=site,
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin"},
    )
    assert (ran.returncode, ran.stderr) == (OK, b"")


@pytest.mark.parametrize(
    ("change", "status"),
    [("", OK), ("UPDATE events SET body = replace(body, 'a', 'b') WHERE seq = 3", TAMPERED)],
)
def test_answer_nobody_reads_to_its_end_is_still_the_status(site: Path, change: str, status: int) -> None:
    if change:
        forge(site / "data", change)
    reader, writer = os.pipe()
    os.close(reader)
    assert into(site, writer) == (status, "")


def test_answer_that_cannot_be_written_is_neither_ok_nor_tampered(site: Path) -> None:
    sentence = "Cannot tell: the answer cannot be written (No space left on device).\n"
    assert into(site, os.open("/dev/full", os.O_WRONLY)) == (CANNOT_TELL, sentence)


def into(site: Path, output: int) -> tuple[int, str]:
    program = [sys.executable, "-I", "genkan_verify.py", "folder", "data"]
    ran = subprocess.run(program, cwd=site, stdout=output, stderr=subprocess.PIPE, encoding="utf-8")
    os.close(output)
    return ran.returncode, ran.stderr


def test_interrupted_program_dies_of_the_signal_and_says_nothing(site: Path) -> None:
    """Neither "tampered", which is what Python's own status for it says, nor a traceback."""
    os.mkfifo(site / "kept")
    words = ["folder", "data", "--checkpoint", "kept"]
    program = [sys.executable, "-I", "genkan_verify.py", *words]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background ignores it
    try:
        process = subprocess.Popen(program, cwd=site, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    with open(site / "kept", "wb"):  # returns when the program has begun to read the checkpoint
        process.send_signal(signal.SIGINT)
        assert process.communicate() == (b"", b"")
    assert process.returncode == -signal.SIGINT


def test_changed_folder_names_the_record_through_the_command(site: Path) -> None:
    import sqlite3

    with sqlite3.connect(site / "data" / "journal" / "journal.db") as connection:
        connection.execute(
            "UPDATE events SET body = replace(body, 'lock_secured', 'lock_released') WHERE seq = 3"
        )
    connection.close()
    status, sentence, _ = run(site, "folder", "data")
    assert (status, sentence.splitlines()[0]) == (TAMPERED, "Tampered: record 3 does not match its hash.")


@pytest.mark.long
def test_wheel_holds_the_program(tmp_path: Path) -> None:
    root = PROGRAM.parents[2]
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert "deploy/verify/genkan_verify.py" in zipfile.ZipFile(wheel).namelist()
