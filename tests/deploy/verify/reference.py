"""A second opinion: logs, checkpoints and exports written from the format alone, with none of our code.

The tree follows the definitions of RFC 6962 section 2.1 word by word; the notes follow C2SP signed-note.
"""

import base64
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
SCHEMA = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, leaf BLOB NOT NULL, salt BLOB, details TEXT,
    filed INTEGER NOT NULL DEFAULT 1);
CREATE TABLE removed (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL);
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL);
CREATE TABLE latest (thing TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE orders_done (registry_id TEXT, order_id INTEGER, seq INTEGER NOT NULL);
CREATE TABLE spans (id INTEGER PRIMARY KEY, low TEXT NOT NULL, high TEXT NOT NULL);
CREATE TABLE copied (registry_id TEXT PRIMARY KEY, last_action INTEGER NOT NULL);
PRAGMA application_id = 1196116529;
PRAGMA user_version = 2;
"""


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def leaf(body: str) -> bytes:
    return hashlib.sha256(b"\x00" + body.encode()).digest()


def split(n: int) -> int:
    """k, the largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: list[bytes]) -> bytes:
    """2.1: the Merkle tree hash."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """2.1.1: the audit path of the leaf at index m."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: list[bytes]) -> list[bytes]:
    """2.1.2: that the tree of all leaves begins with the tree of the first m."""

    def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
        if m == len(leaves):
            return [] if whole else [mth(leaves)]
        k = split(len(leaves))
        if m <= k:
            return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
        return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]

    return subproof(m, leaves, True)


def cover(leaves: list[bytes], included: set[int], first: int = 1) -> list[bytes]:
    """The hashes of the largest subtrees without a shown number, left to right."""
    numbers = range(first, first + len(leaves))
    if included.isdisjoint(numbers):
        return [mth(leaves)]
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return [*cover(leaves[:k], included, first), *cover(leaves[k:], included, first + k)]


def runs(numbers: Iterable[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


class Signer:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.private = Ed25519PrivateKey.generate()
        raw = b"\x01" + self.private.public_key().public_bytes_raw()
        self.id = hashlib.sha256(origin.encode() + b"\n" + raw).digest()[:4]
        self.vkey = f"{origin}+{self.id.hex()}+{b64(raw)}"

    def note(self, size: int, root: bytes, number: int, time: str) -> str:
        lines = [
            self.origin,
            str(size),
            b64(root),
            f"genkan-key {number}",
            f"genkan-time {time} trusted",
            "genkan-boot boot-1 12345",
            "genkan-cause events",
        ]
        text = "".join(f"{line}\n" for line in lines)
        return f"{text}\n— {self.origin} {b64(self.id + self.private.sign(text.encode()))}\n"


class Log:
    """A log as a door writes it, which a test can then change."""

    def __init__(self, key: Signer | None = None) -> None:
        self.key = key or Signer(f"genkan/{os.urandom(16).hex()}")
        self.first_key = self.key
        self.number = 1
        self.newest_number = 1
        self.bodies: list[str] = []
        self.beside: list[tuple[bytes, str] | None] = []
        self.notes: dict[int, str] = {}
        self.removed: set[int] = set()
        self.key_lines: list[dict[str, Any]] = []
        self.boot = "boot-1"
        self.moment = START
        self.mono = 0
        self.add("log_started", origin=self.key.origin, key=self.key.vkey, key_number=1)
        self.key_lines = [self._key_line(1)]

    @property
    def size(self) -> int:
        return len(self.bodies)

    @property
    def leaves(self) -> list[bytes]:
        return [leaf(body) for body in self.bodies]

    def add(self, type: str, details: dict[str, Any] | None = None, **codes: Any) -> int:
        fields: dict[str, Any] = {
            "v": 1,
            "seq": self.size + 1,
            "boot": self.boot,
            "mono_ms": self.mono,
            "utc": self.moment.isoformat(timespec="milliseconds")[:23] + "Z",
            "clock": "trusted",
            "type": type,
            "section": "door",
            "config": "0" * 12,
        } | codes
        beside = None
        if details is not None:
            salt, text = os.urandom(16), canonical(details)
            fields["details"] = hashlib.sha256(salt + text.encode()).hexdigest()
            beside = (salt, text)
        self.bodies.append(canonical(fields))
        self.beside.append(beside)
        self.wait(1)
        return self.size

    def wait(self, seconds: float, shift: float = 0) -> None:
        """`shift`: the wall clock is moved by so many seconds besides."""
        self.mono += round(seconds * 1000)
        self.moment += timedelta(seconds=seconds + shift)

    def reboot(self, boot: str, off: float = 1, shift: float = 0) -> None:
        self.boot, self.mono = boot, 1000
        self.moment += timedelta(seconds=off + shift)

    def fill(self, count: int, seal_every: int = 100) -> "Log":
        for index in range(count):
            if index % 3 == 0:
                self.add("access_granted", {"name": "山田 花子", "last_four": "FFEE"}, person=f"{index:016x}")
            else:
                self.add("lock_secured", door="entrance")
            if self.size % seal_every == 0:
                self.seal()
        return self

    def seal(self, key: Signer | None = None, number: int | None = None) -> str:
        signer = key or self.key
        utc = self.moment.isoformat(timespec="milliseconds")[:23] + "Z"
        note = signer.note(self.size, mth(self.leaves), number or self.number, utc)
        self.notes[self.size] = note
        return note

    def new_key(self, cause: str = "boot") -> Signer:
        """Only recorded; `install_key` covers it."""
        self.newest_number += 1
        key = Signer(self.key.origin)
        self.add("log_key_added", origin=key.origin, key=key.vkey, key_number=self.newest_number, cause=cause)
        return key

    def install_key(self, key: Signer) -> None:
        self.seal()
        self.key_lines.append(self._key_line(next(i for i, b in enumerate(self.bodies, 1) if key.vkey in b)))
        self.key, self.number = key, self.newest_number

    def restored(self, **wrong: Any) -> Signer:
        root, size, origin = mth(self.leaves), self.size, self.key.origin
        self.key = Signer(f"genkan/{os.urandom(16).hex()}")
        self.number = self.newest_number = 1
        parts = {"restored_origin": origin, "restored_size": size, "restored_root": b64(root)} | wrong
        self.add("log_restored", origin=self.key.origin, key=self.key.vkey, key_number=1, **parts)
        self.key_lines = [self._key_line(self.size)]
        return self.key

    def retire(self, month: str, first: int, last: int, records: bool = True) -> None:
        """Key records stay; the leaves of the others are kept."""
        leaves = self.leaves[first - 1 : last]
        if records:
            codes = {"first": first, "last": last, "count": last - first + 1, "root": b64(mth(leaves))}
            self.add("month_removed", month=month, **codes)
        kept = '"type":"log_'
        self.removed |= {seq for seq in range(first, last + 1) if kept not in self.bodies[seq - 1]}

    def write(self, folder: Path) -> Path:
        """A data folder without a door."""
        (folder / "journal").mkdir(parents=True)
        (folder / "keys" / "shared").mkdir(parents=True)
        (folder / "keys" / "shared" / "log.vkey").write_text(self.first_key.vkey + "\n")
        with sqlite3.connect(folder / "journal" / "journal.db") as connection:
            connection.executescript(SCHEMA)
            for seq, (body, beside) in enumerate(zip(self.bodies, self.beside, strict=True), 1):
                if seq in self.removed:
                    connection.execute("INSERT INTO removed VALUES (?, ?)", (seq, leaf(body)))
                else:
                    row = (seq, body, leaf(body), *(beside or (None, None)))
                    connection.execute(
                        "INSERT INTO events (seq, body, leaf, salt, details) VALUES (?,?,?,?,?)", row
                    )
            connection.executemany("INSERT INTO checkpoints VALUES (?, ?)", self.notes.items())
        connection.close()
        return folder

    def export(
        self, file: Path, included: Iterable[int] | None = None, vouched: bool = False, **head: Any
    ) -> Path:
        """JSON Lines with its proof. `included`: only these numbers; `vouched`: a record says so."""
        size = max(self.notes)
        numbers = set(range(1, size + 1)) - self.removed if included is None else set(included)
        lines = []
        for seq in sorted(numbers):
            salt, details = self.beside[seq - 1] or (None, None)
            line = {"body": self.bodies[seq - 1], "details": details, "salt": salt and salt.hex()}
            lines.append(canonical(line) + "\n")
        file.write_text("".join(lines), "utf-8", newline="")
        filter = None if included is None else {"person": "somebody"}
        voucher = [self._voucher(file, len(lines), "jsonl", filter, size=size)] if vouched else []
        size = max(self.notes)
        leaves = self.leaves[:size]
        parts: list[dict[str, Any]] = []
        if included is not None and any(
            '"details"' in self.bodies[n - 1] and not self.beside[n - 1] for n in numbers
        ):
            for seq, body in enumerate(self.bodies[:size], 1):
                if '"person_erased"' in body:
                    proven = [b64(hash) for hash in path(seq - 1, leaves)]
                    parts.append({"erasure": {"body": body, "proof": proven}})
        parts += [{"shown": runs(numbers)}] if numbers else []
        if included is None and self.removed:
            parts.append({"removed": runs(self.removed)})
        hashes = [b64(hash) for hash in cover(leaves, numbers)]
        parts += [{"hashes": hashes[at : at + 256]} for at in range(0, len(hashes), 256)]
        marks = [leaves[seq - 1].hex()[:8] for seq in sorted(numbers)]
        parts += [{"marks": marks[at : at + 1000]} for at in range(0, len(marks), 1000)]
        self._write_proof(file, "jsonl", len(numbers), {"filter": filter} | head, parts + voucher)
        return file

    def export_csv(self, file: Path, rows: int = 3, **head: Any) -> Path:
        text = '\ufeff"番号","日時"\r\n' + "".join(
            f'{row},"2026-11-24 15:00:0{row}+09:00"\r\n' for row in range(rows)
        )
        file.write_text(text, "utf-8", newline="")
        voucher = self._voucher(file, rows, "csv", head.get("filter"))
        self._write_proof(file, "csv", rows, {"filter": None} | head, [voucher])
        return file

    def _voucher(self, file: Path, rows: int, kind: str, filter: Any, **more: Any) -> dict[str, Any]:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        codes = {"action": "export_sealed", "object_type": "export", "object_id": digest, "format": kind}
        parts = {"rows": rows, "bytes": file.stat().st_size, "filter": canonical(filter or {})} | more
        seq = self.add("operator_action", {"operator": "監査 花子"}, **codes, **parts)
        self.seal()
        proof = [b64(hash) for hash in path(seq - 1, self.leaves)]
        return {"voucher": {"body": self.bodies[seq - 1], "proof": proof}}

    def _write_proof(
        self, file: Path, kind: str, rows: int, head: dict[str, Any], parts: list[dict[str, Any]]
    ) -> None:
        size = max(self.notes)
        first = {
            "format": "genkan-proof",
            "version": 1,
            "kind": kind,
            "origin": self.key.origin,
            "size": size,
            "details": "shown",
        }
        before = self._covering_sizes()[-1:] or [None]
        last = {"checkpoint": self.notes[size], "consistency": self._consistency(before[0], size)}
        proof_lines = [first | {"rows": rows} | head, *self.key_lines, last, *parts]
        text = "".join(canonical(line) + "\n" for line in proof_lines)
        end = {
            "end": True,
            "bytes": file.stat().st_size,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "proof": hashlib.sha256(text.encode()).hexdigest(),
        }
        file.with_name(file.name + ".proof").write_text(text + canonical(end) + "\n", "utf-8", newline="")

    def _covering_sizes(self) -> list[int]:
        notes = [line.get("key", line)["checkpoint"] for line in self.key_lines]
        return [int(note.split("\n")[1]) for note in notes if note is not None]

    def keep(self) -> str:
        """A checkpoint that exports carry, since somebody keeps it."""
        if self.size not in self.notes:
            self.seal()
        before = self._covering_sizes()[-1:] or [None]
        consistency = self._consistency(before[0], self.size)
        self.key_lines.append({"checkpoint": self.notes[self.size], "consistency": consistency})
        return self.notes[self.size]

    def _key_line(self, seq: int) -> dict[str, Any]:
        if not self.key_lines or '"log_restored"' in self.bodies[seq - 1]:
            return {
                "key": {"body": self.bodies[seq - 1], "checkpoint": None, "proof": None, "consistency": None}
            }
        before = self._covering_sizes()[-1:] or [None]
        return {
            "key": {
                "body": self.bodies[seq - 1],
                "checkpoint": self.notes[self.size],
                "proof": [b64(hash) for hash in path(seq - 1, self.leaves)],
                "consistency": self._consistency(before[0], self.size),
            }
        }

    def _consistency(self, old: int | None, new: int) -> list[str] | None:
        return None if old is None else [b64(hash) for hash in proof(old, self.leaves[:new])]
