"""The content of a backup: one tar with a format marker, the files, and last the manifest with their sizes
and hashes. Reading the archive produces it, so that no unencrypted copy of it is ever on the disk.
"""

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from controller.errors import InstallerError

FORMAT, VERSION = "genkan-backup", 1
FIRST, MANIFEST = "genkan-backup.json", "manifest.json"
_PIECE = 1 << 16
_SMALL = 1 << 20


class Member(NamedTuple):
    """`name` is the file's path in the data folder."""

    name: str
    file: Path


class BackupArchive:
    """A stream to be read once, in pieces. The manifest contains `about` and the list of files."""

    def __init__(self, members: Iterable[Member], about: Mapping[str, Any], version: int = VERSION) -> None:
        self._pieces = _pieces(members, about, version)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece
        if size < 0:
            size = len(self._rest)
        content, self._rest = self._rest[:size], self._rest[size:]
        return content


def _pieces(members: Iterable[Member], about: Mapping[str, Any], version: int) -> Iterator[bytes]:
    yield from _whole(FIRST, _text({"format": FORMAT, "version": version}))
    files = []
    for name, file in members:
        size, digest = file.stat().st_size, hashlib.sha256()
        yield _header(name, size)
        with file.open("rb") as source:
            read = 0
            while piece := source.read(_PIECE):
                digest.update(piece)
                read += len(piece)
                yield piece
        if read != size:
            raise InstallerError(f"{file} changed during the copy; run the backup again.")
        yield bytes(-size % tarfile.BLOCKSIZE)
        files.append({"name": name, "size": size, "sha256": digest.hexdigest()})
    yield from _whole(MANIFEST, _text({"format": FORMAT, "version": version, **about, "files": files}))
    yield bytes(2 * tarfile.BLOCKSIZE)


def _whole(name: str, content: bytes) -> Iterator[bytes]:
    yield _header(name, len(content)) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _text(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, indent=1).encode() + b"\n"


def unpack(source: Path, backup: Path, target: Path, allowed: Callable[[str], bool]) -> dict[str, Any]:
    """Extract the decrypted archive `source` into `target`, check each file, and return the manifest.

    Error texts name `backup`, the file as the person typed it. Raise InstallerError for a damaged archive and
    for any member that `allowed` rejects.
    """
    try:
        with tarfile.open(source, "r:") as tar:
            first = _json(tar, tar.next(), FIRST)
            if first is None or first.get("format") != FORMAT:
                raise InstallerError(
                    f"{backup} is not a Genkan backup; use the file that `genkan backup` wrote."
                )
            if not isinstance(first.get("version"), int) or first["version"] > VERSION:
                raise InstallerError(
                    f"{backup} is from a newer Genkan (backup format {first.get('version')}; this version "
                    f"supports {VERSION}); restore it with that version or a later one."
                )
            found: dict[str, tuple[int, str]] = {}
            while (info := tar.next()) is not None:
                if info.name == MANIFEST:
                    break
                if not info.isfile() or not allowed(info.name) or info.name in found:
                    raise _damaged(backup)
                found[info.name] = _unpack_one(tar, info, target / info.name)
            manifest = _json(tar, info, MANIFEST)
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(backup) from error
    if manifest is None or not _vouched(manifest, found):
        raise _damaged(backup)
    return manifest


def _unpack_one(tar: tarfile.TarFile, info: tarfile.TarInfo, target: Path) -> tuple[int, str]:
    content, digest = tar.extractfile(info), hashlib.sha256()
    assert content is not None  # noqa: S101 - a plain file
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            file.write(piece)
    return info.size, digest.hexdigest()


def _vouched(manifest: Mapping[str, Any], found: Mapping[str, tuple[int, str]]) -> bool:
    try:
        listed = {one["name"]: (one["size"], one["sha256"]) for one in manifest["files"]}
    except (KeyError, TypeError):
        return False
    return listed == dict(found)


def _json(tar: tarfile.TarFile, info: tarfile.TarInfo | None, name: str) -> dict[str, Any] | None:
    if info is None or info.name != name or not info.isfile() or info.size > _SMALL:
        return None
    content = tar.extractfile(info)
    assert content is not None  # noqa: S101 - a plain file
    try:
        values = json.loads(content.read())
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def _damaged(backup: Path) -> InstallerError:
    return InstallerError(f"{backup} is damaged or not complete; use another copy of the backup.")
