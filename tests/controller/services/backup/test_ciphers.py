"""age, in flat memory: what it makes can be opened by whom it is for, and by the age tool."""

import io
import resource
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest

from controller.errors import InstallerError
from controller.issuing import age_passphrase
from controller.services.backup.ciphers import CONTENT, IDENTITY, Cipher, cipher, decipher
from tests.controller.issuing.quick_station import cost, sealed
from tests.controller.services.backups import Keyring, members

CONTENT_OF_IT = b"so that nobody reads it " * 40_000
SECRET = "a sentence nobody will guess"


@pytest.fixture(scope="module")
def by_passphrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real age files that state a low scrypt cost, so that they open without age's second of it."""
    folder = tmp_path_factory.mktemp("by_passphrase")
    (folder / "passphrase").write_text(f"{SECRET}\n")
    chosen = cipher([], folder / "passphrase")
    with pytest.MonkeyPatch.context() as patch, (folder / "file").open("w+b") as target:
        patch.setattr(pyrage.passphrase, "encrypt", sealed)
        chosen.encrypt(io.BytesIO(CONTENT_OF_IT), target)
        (folder / "small").write_bytes(chosen.encrypt_small(b"keys"))
    return folder


def test_guess_of_a_backups_passphrase_costs_a_thief_a_second(tmp_path: Path):
    """Absolute: 2^17 KiB of scrypt. age measures what a second buys; where this machine was busy, again."""
    (tmp_path / "passphrase").write_text(SECRET)
    chosen = cipher([], tmp_path / "passphrase")
    costs: list[int] = []
    while len(costs) < 5 and max(costs, default=0) < 17:
        (tmp_path / "small").write_bytes(chosen.encrypt_small(b"keys"))
        costs.append(cost((tmp_path / "small").read_bytes()))
    assert max(costs) >= 17, costs
    assert decipher(None, tmp_path / "passphrase").decrypt_small(tmp_path / "small") == b"keys"


def to(ring: Keyring, folder: Path) -> Path:
    file = folder / "file"
    with file.open("w+b") as target:
        ring.cipher().encrypt(io.BytesIO(CONTENT_OF_IT), target)
    return file


def refused(file: Path, opened) -> str:
    with pytest.raises(InstallerError) as refusal:
        opened.decrypt(file, io.BytesIO())
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_recipient_opens_what_is_for_it(tmp_path: Path):
    ring = Keyring()
    file, target = to(ring, tmp_path), io.BytesIO()
    ring.decipher(tmp_path).decrypt(file, target)
    assert target.getvalue() == CONTENT_OF_IT
    assert CONTENT_OF_IT[:16] not in file.read_bytes()


def test_any_of_several_recipients_opens_it(tmp_path: Path):
    first, second = Keyring(), Keyring()
    chosen = cipher([first.recipient, second.recipient], None)
    assert chosen.name == "2 recipients"
    (tmp_path / "small").write_bytes(chosen.encrypt_small(b"keys"))
    for ring in (first, second):
        assert ring.decipher(tmp_path).decrypt_small(tmp_path / "small") == b"keys"


def test_passphrase_opens_what_it_created(by_passphrase: Path):
    target, opened = io.BytesIO(), decipher(None, by_passphrase / "passphrase")
    opened.decrypt(by_passphrase / "file", target)
    assert target.getvalue() == CONTENT_OF_IT
    assert opened.decrypt_small(by_passphrase / "small") == b"keys"


def test_passphrase_file_is_two_plain_age_files_in_a_tar(by_passphrase: Path):
    """So the age tool opens it: tar xf FILE; age -d identity.age > key; age -d -i key content.age"""
    parts = members((by_passphrase / "file").read_bytes())
    assert list(parts) == [IDENTITY, CONTENT]
    identity = age_passphrase.decrypt(parts[IDENTITY], SECRET).decode().strip()
    opened = pyrage.decrypt(parts[CONTENT], [pyrage.x25519.Identity.from_str(identity)])
    assert opened == CONTENT_OF_IT


@pytest.mark.process
def test_age_tool_opens_what_is_for_a_recipient(tmp_path: Path):
    """Where there is one (Debian: apt-get install age); pyrage is the same format from another hand."""
    ring = Keyring()
    if shutil.which("age") is None:
        return
    ran = subprocess.run(
        ["age", "--decrypt", "--identity", ring.file(tmp_path), to(ring, tmp_path)],
        capture_output=True,
        check=True,
    )
    assert ran.stdout == CONTENT_OF_IT


def test_wrong_passphrase_identity_or_way_each_have_their_sentence(by_passphrase: Path, tmp_path: Path):
    ring = Keyring()
    file = to(ring, tmp_path)
    (tmp_path / "wrong").write_text("a sentence somebody guessed")
    wrong = decipher(None, tmp_path / "wrong")
    assert "passphrase does not open" in refused(by_passphrase / "file", wrong)
    assert "to recipients; use --identity" in refused(file, wrong)
    other = Keyring().decipher(tmp_path)
    assert "another recipient" in refused(file, other)
    assert "with a passphrase; use --passphrase-file" in refused(by_passphrase / "file", other)
    for small, opened in ((by_passphrase / "small", other), (tmp_path / "file", wrong)):
        with pytest.raises(InstallerError, match="use --"):
            opened.decrypt_small(small)


@pytest.mark.parametrize("left", [0, 10, 21, 100, 400, 600, 2000, 70_000, 300_000, -1, -20, -70_000])
def test_file_cut_short_is_reported(by_passphrase: Path, tmp_path: Path, left: int):
    ring = Keyring()
    whole, cut = to(ring, tmp_path).read_bytes(), tmp_path / "cut"
    cut.write_bytes(whole[:left])
    assert "damaged or cut short" in (message := refused(cut, ring.decipher(tmp_path))) or left < 22, message


@pytest.mark.parametrize("left", [600, 2000, 300_000, -2000, -1024, -1])
def test_file_by_passphrase_cut_short_is_reported(by_passphrase: Path, tmp_path: Path, left: int):
    cut = tmp_path / "cut"
    cut.write_bytes((by_passphrase / "file").read_bytes()[:left])
    assert "damaged or cut short" in refused(cut, decipher(None, by_passphrase / "passphrase"))


def test_bytes_behind_a_backup_are_reported(by_passphrase: Path, tmp_path: Path):
    ring = Keyring()
    for whole, opened in (
        ((by_passphrase / "file").read_bytes(), decipher(None, by_passphrase / "passphrase")),
        (to(ring, tmp_path).read_bytes(), ring.decipher(tmp_path)),
    ):
        (tmp_path / "longer").write_bytes(whole + b"x")
        assert "damaged" in refused(tmp_path / "longer", opened)


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"PK\x03\x04" + bytes(3000), bytes(20_000)])
def test_file_of_another_program_is_reported(tmp_path: Path, content: bytes):
    (tmp_path / "file").write_bytes(content)
    assert "not a Genkan backup" in refused(tmp_path / "file", Keyring().decipher(tmp_path))
    with pytest.raises(InstallerError, match="not a Genkan backup"):
        Keyring().decipher(tmp_path).decrypt_small(tmp_path / "file")


def test_one_changed_byte_is_reported(tmp_path: Path):
    ring = Keyring()
    file = to(ring, tmp_path)
    content = bytearray(file.read_bytes())
    for place in range(200, len(content), 50_000):
        changed = bytearray(content)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert "damaged" in refused(file, ring.decipher(tmp_path))


@pytest.mark.parametrize(
    ("recipient", "why"),
    [("age1xyz", "not an age recipient"), ("", "not an age recipient"), ("alice", "age1")],
)
def test_recipient_that_is_none_is_named(recipient: str, why: str):
    with pytest.raises(InstallerError, match=why):
        cipher([recipient], None)


def test_passphrase_too_short_or_not_to_be_read_is_refused(tmp_path: Path):
    file = tmp_path / "passphrase"
    with pytest.raises(InstallerError, match="cannot be read"):
        cipher([], file)
    for content, why in ((b"short\n", "5 characters"), (b"\xff\xfe" * 20, "not text")):
        file.write_bytes(content)
        with pytest.raises(InstallerError, match=why):
            cipher([], file)
    file.write_text("age1nothing")
    with pytest.raises(InstallerError, match="no age identity"):
        decipher(file, None)


class Zeros:
    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        piece = bytes(min(size, self.left))
        self.left -= len(piece)
        return piece


class Failing(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise OSError(5, "Input/output error", "journal.db")

    def write(self, content: object) -> int:
        raise OSError(28, "No space left on device", "out")


def test_memory_stays_flat_regardless_of_the_size(tmp_path: Path):
    ring = Keyring()
    with Path("/dev/null").open("r+b") as nowhere:
        ring.cipher().encrypt(Zeros(1 << 20), nowhere)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ring.cipher().encrypt(Zeros(200 << 20), nowhere)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024


def test_trouble_with_the_disk_comes_out_as_it_was(tmp_path: Path):
    ring = Keyring()
    chosen: Cipher = ring.cipher()
    with pytest.raises(OSError) as error:
        chosen.encrypt(Failing(), io.BytesIO())
    assert error.value.errno == 5
    with pytest.raises(OSError) as error:
        chosen.encrypt(Zeros(1 << 20), Failing())  # type: ignore[arg-type]
    assert error.value.errno == 28
    with pytest.raises(OSError) as error:
        ring.decipher(tmp_path).decrypt(to(ring, tmp_path), Failing())  # type: ignore[arg-type]
    assert error.value.errno == 28
