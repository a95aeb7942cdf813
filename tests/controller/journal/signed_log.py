"""A log signed by hand, and a second opinion on exports of it that shares no code with what makes them."""

import base64
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from controller.journal.append import Journal
from controller.journal.proof.note import VerifierKey, checkpoint_body, public_of, sign_note
from controller.model.events import Event, EventType
from tests.controller.journal.samples import at, raw

ORIGIN = "genkan/" + "5a" * 16


@dataclass
class SignedLog:
    """Signs and replaces keys when the test says so."""

    folder: Path
    journal: Journal
    origin: str = ORIGIN
    privates: list[bytes] = field(default_factory=list)
    _waiting: list[bytes] = field(default_factory=list)

    def start(self) -> str:
        """The first key's record; returns the vkey that goes into the safe."""
        self.privates = [self._new_key(1, EventType.LOG_STARTED)]
        return self.first_key

    @property
    def first_key(self) -> str:
        return self.vkey(self.privates[0])

    def vkey(self, private: bytes) -> str:
        return str(VerifierKey(self.origin, public_of(private)))

    def add_key(self, cause: str = "day") -> int:
        """Waits for the next checkpoint to come into force; returns its record's number."""
        number = len(self.privates) + len(self._waiting) + 1
        self._waiting.append(self._new_key(number, EventType.LOG_KEY_ADDED, cause=cause))
        return self.journal.newest_seq

    def checkpoint(self) -> str:
        """Of everything there is now; the newest waiting key is in force from here on."""
        size = self.journal.newest_seq
        with raw(self.folder) as connection:
            leaves = connection.execute(
                "SELECT seq, leaf FROM events UNION SELECT seq, leaf FROM removed ORDER BY seq"
            ).fetchall()
            assert [seq for seq, _ in leaves] == list(range(1, size + 1))
            body = checkpoint_body(self.origin, size, slow_root([leaf for _, leaf in leaves]))
            note = sign_note(body, self.origin, self.privates[-1])
            connection.execute("INSERT INTO checkpoints (size, note) VALUES (?, ?)", (size, note))
        if self._waiting:
            self.privates.append(self._waiting[-1])
            self._waiting.clear()
        return note

    def erase(self, *seqs: int) -> None:
        with raw(self.folder) as connection:
            for seq in seqs:
                connection.execute("UPDATE events SET details = NULL, salt = NULL WHERE seq = ?", (seq,))

    def remove(self, *seqs: int) -> None:
        with raw(self.folder) as connection:
            for seq in seqs:
                connection.execute("INSERT INTO removed SELECT seq, leaf FROM events WHERE seq = ?", (seq,))
                connection.execute("DELETE FROM events WHERE seq = ?", (seq,))

    def _new_key(self, number: int, type: EventType, **codes: str) -> bytes:
        private = random.Random(f"{self.origin} {number}").randbytes(32)
        key = {"origin": self.origin, "key": self.vkey(private), "key_number": number}
        self.journal.append([Event(type, at(), codes={**key, **codes})])
        return private


def slow_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def largest_power_below(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@dataclass
class Checked:
    """What an export was found to show, to somebody with the first key."""

    size: int
    rows: int
    included: dict[int, dict[str, Any]]
    removed: set[int]
    filter: dict[str, Any] | None
    keys: int


def check(file: bytes, proof: bytes, first_key: str) -> Checked:
    """AssertionError where anything is not as it was signed."""
    lines = [json.loads(line) for line in proof.decode().splitlines()]
    assert proof.endswith(b"\n")
    assert proof == b"".join(_canonical(line) for line in lines)
    head = lines.pop(0)
    assert (head["format"], head["version"]) == ("genkan-proof", 1)
    before_end = proof[: proof.rindex(b"\n", 0, -1) + 1]
    hashes = {"proof": hashlib.sha256(before_end).hexdigest(), "sha256": hashlib.sha256(file).hexdigest()}
    assert lines.pop() == {"end": True, "bytes": len(file), **hashes}
    trusted, keys, since, since_root = None, 0, 0, b""
    while "key" in lines[0]:
        key = lines.pop(0)["key"]
        body = json.loads(key["body"])
        if trusted is None:
            assert (key["checkpoint"], key["proof"], key["consistency"]) == (None, None, None)
            assert body["key"] == first_key
        else:
            size, root = _opened(key["checkpoint"], trusted, head["origin"])
            assert size > since
            _extends(since, since_root, size, root, key["consistency"])
            since, since_root = size, root
            assert _climbed(body["seq"] - 1, size, _leaf(key["body"]), key["proof"]) == root
        trusted, keys = body["key"], keys + 1
    assert trusted is not None
    final = lines.pop(0)
    size, root = _opened(final["checkpoint"], trusted, head["origin"])
    assert size == head["size"] and size > since
    _extends(since, since_root, size, root, final["consistency"])
    checked = Checked(size, head["rows"], {}, set(), head["filter"], keys)
    if head["kind"] == "csv":
        voucher = lines.pop(0)["voucher"]
        body = json.loads(voucher["body"])
        assert set(voucher) == {"body", "proof"}
        assert (body["format"], body["rows"], body["bytes"]) == ("csv", head["rows"], len(file))
        assert json.loads(body["filter"]) == (head["filter"] or {})
        assert (body["action"], body["object_id"]) == ("export_sealed", hashlib.sha256(file).hexdigest())
        assert _climbed(body["seq"] - 1, size, _leaf(voucher["body"]), voucher["proof"]) == root
    else:
        _check_rows(checked, file, lines, root)
    assert not lines
    return checked


def _check_rows(checked: Checked, file: bytes, lines: list[dict[str, Any]], root: bytes) -> None:
    leaves = {}
    for text in file.decode().splitlines(keepends=True):
        row = json.loads(text)
        assert text.encode() == _canonical(row) and set(row) == {"body", "details", "salt"}
        body = json.loads(row["body"])
        if row["details"] is not None:
            salted = _raw_hex(row["salt"]) + row["details"].encode()
            assert hashlib.sha256(salted).hexdigest() == body["details"]
        assert body["seq"] > max(leaves, default=0)
        leaves[body["seq"]] = _leaf(row["body"])
        checked.included[body["seq"]] = body
    included = set(_numbers(lines, "shown"))
    checked.removed = set(_numbers(lines, "removed"))
    assert set(leaves) == included and len(included) == checked.rows
    assert checked.filter is not None or included | checked.removed == set(range(1, checked.size + 1))
    hashes, marks = [], []
    while lines and "hashes" in lines[0]:
        line = lines.pop(0)["hashes"]
        assert 0 < len(line) <= 256
        hashes += [_raw(text) for text in line]
    while lines:
        line = lines.pop(0)["marks"]
        assert 0 < len(line) <= 1000
        marks += line
    assert marks == [leaf.hex()[:8] for leaf in leaves.values()]
    rest = iter(hashes)
    assert _with_cover(leaves, rest, 1, checked.size) == root
    assert next(rest, None) is None


def _with_cover(leaves: dict[int, bytes], rest: Iterator[bytes], first: int, count: int) -> bytes:
    if not any(first <= seq < first + count for seq in leaves):
        return next(rest)
    if count == 1:
        return leaves[first]
    split = largest_power_below(count)
    left = _with_cover(leaves, rest, first, split)
    return hashlib.sha256(b"\x01" + left + _with_cover(leaves, rest, first + split, count - split)).digest()


def _numbers(lines: list[dict[str, Any]], name: str) -> Iterator[int]:
    end = 0
    while lines and name in lines[0]:
        runs = lines.pop(0)[name]
        assert 0 < len(runs) <= 1000
        for first, last in runs:
            assert end < first <= last
            end = last
            yield from range(first, last + 1)


def _opened(note: str, vkey: str, origin: str) -> tuple[int, bytes]:
    """Size and root, once the signature is found good."""
    body, _, signature = note.partition("\n\n— ")
    name, encoded = signature.removesuffix("\n").split(" ")
    raw_signature, raw_key = _raw(encoded), _raw(vkey.split("+", 2)[2])
    assert name == origin == vkey.split("+")[0] and raw_signature[:4].hex() == vkey.split("+")[1]
    Ed25519PublicKey.from_public_bytes(raw_key[1:]).verify(raw_signature[4:], f"{body}\n".encode())
    first, size, root = body.split("\n")[:3]
    assert first == origin
    return int(size), _raw(root)


def _climbed(index: int, size: int, leaf: bytes, proof: list[str]) -> bytes:
    """The root that leaf and siblings make, from the top down."""
    if size == 1:
        assert not proof
        return leaf
    split = largest_power_below(size)
    sibling = _raw(proof[-1])
    if index < split:
        return hashlib.sha256(b"\x01" + _climbed(index, split, leaf, proof[:-1]) + sibling).digest()
    below = _climbed(index - split, size - split, leaf, proof[:-1])
    return hashlib.sha256(b"\x01" + sibling + below).digest()


def _extends(old: int, old_root: bytes, size: int, root: bytes, proof: list[str] | None) -> None:
    """RFC 6962 section 2.1.2: both roots follow from the same hashes."""
    if old == 0:
        assert proof is None
        return
    assert proof is not None
    path = [_raw(text) for text in proof]
    found_old, found_new = _both_roots(old, size, path, old_root, True)
    assert (found_old, found_new, path) == (old_root, root, [])


def _both_roots(old: int, size: int, path: list[bytes], old_root: bytes, whole: bool) -> tuple[bytes, bytes]:
    """Of the old tree and the new one, below one node; `whole` while the old tree is all on this side."""
    if old == size:
        hash = old_root if whole else path.pop(0)
        return hash, hash
    split = largest_power_below(size)
    if old <= split:
        left_old, left_new = _both_roots(old, split, path, old_root, whole)
        return left_old, hashlib.sha256(b"\x01" + left_new + path.pop(0)).digest()
    right_old, right_new = _both_roots(old - split, size - split, path, old_root, False)
    left = path.pop(0)
    return tuple(hashlib.sha256(b"\x01" + left + right).digest() for right in (right_old, right_new))  # type: ignore[return-value]


def _raw_hex(text: str) -> bytes:
    raw = bytes.fromhex(text)
    assert raw.hex() == text
    return raw


def _raw(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    assert base64.b64encode(raw).decode() == text, "there is one way to write it"
    return raw


def _leaf(body: str) -> bytes:
    return hashlib.sha256(b"\x00" + body.encode()).digest()


def _canonical(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
