#!/usr/bin/env python3
# ruff: noqa: B905, DTZ001, DTZ007, SIM115, T201 - runs from Python 3.9 on, alone
"""Checks an entry log of Genkan, or an export of one, without Genkan and without trusting its owner.

    genkan_verify.py export FILE --key KEY [--proof FILE.proof] [--checkpoint KEPT]
    genkan_verify.py folder DATA [--key KEY] [--checkpoint KEPT] [--grant NUMBER]
    genkan_verify.py checkpoints OLD NEW --key KEY [--data DATA]

KEY is the log's first public key, which the door's set-up showed (or a file that holds it). KEPT is a file
with a checkpoint that somebody kept elsewhere. Needs Python 3.9 or later and, for signatures, `cryptography`.

The first line and the exit status are the answer: OK 0, Tampered 1 (names the first bad record), wrong usage
2, Incomplete 3 (names the missing numbers), Cannot tell 4.

WHAT IT CHECKS, in the order of this file. A log is a sequence of records with the numbers 1, 2, 3 …
  Tree      Hashes the records, then pairs of hashes, up to one root. Changing, adding or removing a record
            changes the root.
  Note      A checkpoint is a signature over "this many records, this root".
  Chain     The key in force signed each checkpoint; from the trusted key on, each key vouched for the next.
  Folder    No number is missing, except months whose removal a signed record reports. Each record matches its
            hash. The records up to each checkpoint, and up to each kept one, have the signed root. No more
            records are unsigned than a door leaves. Signed records report the erasure of every missing name.
            No record is hidden from the filters or from its day.
  Export    The same for a file; hashes replace the records outside the file.
  Rights    The table of rights in force is what the records leave. Reports grants that name no record which
            gave the badge or its holder their rights; of one grant (--grant) the record and who gave them.
  Story     Reports what is not a fault: silences with their cause, clocks moved back, removed months,
            erasures.
The rest reads journal.db, hashes in a second process meanwhile, and handles the command line.

THE FORMAT. A record is one line of canonical JSON (RFC 8785), its body. It holds its number `seq` (1, 2, 3
…), `boot` and `mono_ms` (a clock that nobody can set), `utc`, `type`, and `v`, the version of the format: 1.
Names and free text lie beside it as `details`, with a random `salt`. The body's "details" is SHA-256(salt ‖
details) in hex, so Genkan can erase a name and leave the body unchanged.
A fault is a code with fields (`cause`, `problem`), never a sentence, except in records of early versions.
A record operator_action or rights_recorded may hold `rights`, what its change leaves people with. Entries
"kind:id:digest" are separated by spaces; "-" instead of a digest: deleted. The digest is the first 16 bytes
of SHA-256("genkan-rights-1" ‖ 0x00 ‖ kind ‖ 0x00 ‖ content) in hex. The content is a JSON list without
spaces, its inner lists sorted, of what registry.db holds; no name is in it:
  p  person: [id, status, category, overrides, more_time, [[qualification, until] …], [[level, from, until]
     …]]
  b  badge: [id, card hash, person, status, valid from, valid until, assurance, null or [key version, SHA-256
     of the wrapped key, door, chip]]
  n  PIN, by its person: [person, hash, digits, duress hash, duress digits]   o  operator: [id, role, status]
  l  access level: [id, [[access point, schedule] …]]
  s  schedule: [id, name, always, [[weekday, start, end] …], [[day type, start, end] …]]
  f  a registry: from this record on, all its rights are on record; [id]
  d, r, k, t  with the id "all": [[date, day type] …], [version, SHA-256 of the rule book's text], [[area] …]
     under lockdown, [[public key of the issuing station]]
Where an operator accepts another registry (action registry_accepted), the rights recorded from there on up to
its entry `f` are all that are in force, granted by that operator. A record with `again` repeats an
action that the log has had before; it changes nothing.
A record access_granted holds `rights_seq`: the newest record whose digests of this badge and this person
equal what the door read when it admitted; and `rules_seq`, `levels_seq`, `schedules_seq`: the newest of the
rule book, of the levels, and of the schedules and days that it went by.
The bodies are the leaves of the Merkle tree of RFC 6962: leaf = SHA-256(0x00 ‖ body), node = SHA-256(0x01 ‖
left ‖ right). A checkpoint (C2SP tlog-checkpoint) is a signed note: lines "origin", "number of records",
"base64 root", further lines such as "genkan-key N", an empty line, and "— origin base64(key id ‖ Ed25519
signature)". A public key is written "origin+key id+base64(0x01 ‖ 32 bytes)"; its id is the first 4 bytes of
SHA-256(origin ‖ LF ‖ 0x01 ‖ key).
The door replaces the signing key at every boot and every day. The record log_started holds the first key
(log_restored after a restore from a backup, with a new origin); each later key is in a record log_key_added.
A key takes effect when a checkpoint by the key in force covers its record; the door then destroys the old
private key. So a person who takes over the machine today cannot sign again what was signed before.
journal.db (SQLite) holds events(seq, body, leaf, salt, details …), removed(seq, leaf) for records that
retention removed, each month reported by a record month_removed, and checkpoints(size, note).
A proof beside an export is JSON, one canonical object per line, in this order:
  {"format":"genkan-proof","version":1,"kind":"jsonl" or "csv","origin":…,"size":N,"rows":…,"filter":…,
   "details":"shown" or "withheld"}  withheld: the export leaves names and details out on purpose
  {"key":{"body":…,"checkpoint":note,"proof":[…],"consistency":[…]}}  a key that took effect: its record, the
      record's place in the previous key's checkpoint, and how that checkpoint extends the previous one in
      this proof. Nulls at the first key.
  {"checkpoint":note,"consistency":[…]}  signed by the last key above; extends the last checkpoint above.
      Those between keys serve people who kept one. The last such line is the checkpoint of N records.
  jsonl: {"erasure":{"body":…,"proof":[…]}}  a record person_erased and its place: the reason why a part of
         the log lacks details
         {"shown":[[first,last],…]} {"removed":[[first,last],…]}  the numbers in the file; numbers not kept
         {"hashes":[…]}  left to right: the root of each largest subtree without a record in the file
         {"marks":[…]}   the first 8 hex digits of the leaf of each record in the file, to find a changed one
  csv, and jsonl with a filter: {"voucher":{"body":…,"proof":[…]}}  the record with the SHA-256 of the file
         (object_id), its rows, bytes and filter (JSON), and the size of the log that was filtered. A filtered
         jsonl without a voucher doesn't prove that no line is missing.
  {"end":true,"bytes":…,"proof":SHA-256 of the lines above,"sha256":SHA-256 of the file}
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import csv
import hashlib
import io
import json
import os
import re
import signal
import sqlite3
import stat
import struct
import sys
import zipfile
import zlib
from array import array
from binascii import hexlify
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any, NoReturn

try:
    from lzma import LZMAError
except ImportError:  # a Python built without lzma unpacks no such zip
    LZMAError = EOFError  # type: ignore[assignment, misc]

OK, TAMPERED, INCOMPLETE, CANNOT_TELL = 0, 1, 3, 4
WORDS = {OK: "OK", TAMPERED: "Tampered", INCOMPLETE: "Incomplete", CANNOT_TELL: "Cannot tell"}
VERSION = 1  # of records and of proofs
APPLICATION_ID = 0x474B4A31  # of journal.db
TABLES = {  # by known version: SHA-256 over the SQL of its tables, indexes and triggers
    2: "00dd3ba827e83ca1ab5d3a2e02fa3a80288ae599cfa63caa0cb4ffaafe8b46f6",
    3: "a1a3f757991ad738890d416484155d470caa60557c268da5aa5d2cfa15881799",
    4: "e0b07a282125102c30f883b914ae435906f34b4dda36a25d7e81f331ed29baf6",
    5: "3c25bc04f852b029e02f38208ef921f162d18d480d2988d9ebb4723fa1ab02cb",
    6: "94b10204900576eb65e3973348d58e1009f8b025a75e3b2a3968acc46fb42b0e",
}
FIRST_WITH_RIGHTS = 5
SPAN = 1024  # records per row of `spans`; the most read at a time, so that a running door need not wait
SILENCE_MS = 15 * 60 * 1000
FEW, CALM_MS = 16, 14 * 60 * 1000  # this few records in this short a time contain no silence
AT_A_TIME, WAITING = 4 * SPAN, 4  # records per part for the other process, and parts that may wait
UNSIGNED_AT_MOST = 100
# The longest that a door leaves records unsigned: it signs every hour, and immediately after a boot.
UNSIGNED_MS, NEW_BOOT_MS = 65 * 60 * 1000, 2 * 60 * 1000
LINES_AT_MOST = 1000  # of a report
SMALL, LONG_LINE = 1 << 16, 1 << 24  # most bytes of a file with a key or checkpoint, and of a line
LONG_ROW = 1 << 18  # most bytes of a CSV row, whose names may contain line feeds
CRASH = "restart without a stop record, a power cut or a crash"
KEYS = {b"log_started", b"log_key_added", b"log_restored"}  # types of records that hold a key
SPECIAL = KEYS | {  # types of records that need more than counting
    b"month_removed", b"operator_action", b"person_erased", b"service_started", b"service_stopped",
    b"journal_recovered", b"log_missing",
}  # fmt: skip
# The end of each body and its line.
END = re.compile(rb',"seq":(\d+),"type":"([^"\n]*)","utc":"([^"\n]*)","v":1}\n')
DETAILS = b'"details":"'  # precedes the hash of the details
# Until it is carried out, an erasure is a record of another type, and nothing may be missing for it.
ASKS_ERASURE = b'"action":"erasure_asked"', b'"action":"erasure_carried_out"'
WRONG = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)  # malformed data
sha256 = hashlib.sha256
Runs = list[tuple[int, int]]
Details = tuple[int, Any, bytes]  # number, salt, details


@dataclass(frozen=True)
class Conclusion:
    """`code` is the exit status; `seq` the first bad or missing record, if known."""

    code: int
    sentence: str
    lines: tuple[str, ...] = ()
    seq: int | None = None
    key: str | None = None  # the trusted key


class Stop(Exception):
    """Ends the check with an answer other than OK."""

    def __init__(self, code: int, sentence: str, seq: int | None = None) -> None:
        super().__init__(code, sentence, seq)  # pickling to the other process passes only args
        self.verdict = Conclusion(code, f"{WORDS[code]}: {sentence}.", (), seq)


def tampered(sentence: str, seq: int | None = None) -> NoReturn:
    raise Stop(TAMPERED, sentence, seq)


def missing(runs: Runs, why: str = "") -> NoReturn:
    raise Stop(INCOMPLETE, f"missing {format_runs(runs)}{why}", runs[0][0])


def undecided(sentence: str) -> NoReturn:
    raise Stop(CANNOT_TELL, sentence)


def format_runs(runs: Runs, at_most: int = 5) -> str:
    texts = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in runs[:at_most]]
    return ", ".join(texts) + (f" and {len(runs) - at_most:,} more gaps" if len(runs) > at_most else "")


def format_count(records: int) -> str:
    return f"{records:,} record{'' if records == 1 else 's'}"


# ---- The Merkle tree of RFC 6962 ------------------------------------------------------------------------


def leaf_hash(body: bytes) -> bytes:
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def left_part(size: int) -> int:
    """The largest power of two below `size`: the number of leaves left of the root."""
    return 1 << (size - 1).bit_length() - 1


class MerkleTree:
    """A growing tree; keeps only the roots of its full subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self.roots: dict[int, bytes] = {}  # by level; valid where `size` has that bit

    def extend(self, hashes: list[bytes]) -> None:
        """Append leaves, then pair them level by level."""
        size, level = self.size, 0
        self.size += len(hashes)
        while hashes:
            if size >> level & 1:
                hashes = [self.roots[level], *hashes]
            if len(hashes) & 1:
                self.roots[level] = hashes[-1]
            each = iter(hashes)
            hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(each, each)]
            level += 1

    def root(self) -> bytes:
        levels = reversed(range(self.size.bit_length()))
        return joined([self.roots[level] for level in levels if self.size >> level & 1])


def joined(peaks: list[bytes]) -> bytes:
    root = peaks[-1] if peaks else sha256(b"").digest()
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def root_of_leaf(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """Compute the root from an inclusion proof (RFC 6962, 2.1.1). ValueError for a wrong length."""
    if size == 1:
        () = path
        return leaf
    *path, other = path
    half = left_part(size)
    if index < half:
        return node_hash(root_of_leaf(index, half, leaf, path), other)
    return node_hash(other, root_of_leaf(index - half, size - half, leaf, path))


def two_roots(old: int, new: int, old_root: bytes | None, path: list[bytes]) -> tuple[bytes, bytes]:
    """Compute the roots of both sizes from a consistency proof (RFC 6962, 2.1.2)."""
    if old == new:
        (root,) = path if old_root is None else (old_root, *path)
        return root, root
    *path, other = path
    half = left_part(new)
    if old <= half:
        first, second = two_roots(old, half, old_root, path)
        return first, node_hash(second, other)
    first, second = two_roots(old - half, new - half, None, path)
    return node_hash(other, first), node_hash(other, second)


# ---- Keys, signed notes, and which key had to sign where ------------------------------------------------


def unbase64(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 is not canonical")
    return raw


@dataclass(frozen=True)
class Key:
    text: str
    origin: str
    public: bytes
    id: str

    @classmethod
    def parse(cls, text: str) -> Key:
        origin, id, encoded = text.split("+", 2)
        raw = unbase64(encoded)
        if (
            not origin
            or len(raw) != 33
            or raw[0] != 1
            or id != sha256(origin.encode() + b"\n" + raw).hexdigest()[:8]
        ):
            raise ValueError("not an Ed25519 key with its id")
        return cls(text, origin, raw[1:], id)

    def signed(self, note: SignedNote) -> bool:
        return good_signature(self.public, note.signature_by(self), note.signed_text)


def good_signature(public: bytes, signature: bytes, text: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        undecided("signatures need the Python package cryptography; install it (pip install cryptography)")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True)
class SignedNote:
    """A checkpoint. Trust nothing of it before `Key.signed` confirms a signature."""

    origin: str
    size: int
    root: bytes
    further: dict[str, str]
    signed_text: bytes
    signatures: list[tuple[str, bytes]]

    @classmethod
    def parse(cls, text: str) -> SignedNote:
        head, _, signers = text.rpartition("\n\n")
        origin, size, root, *further = head.split("\n")
        signatures = []
        for line in signers.split("\n")[:-1]:
            mark, name, signature = line.split(" ")
            if mark != "—":
                raise ValueError("not a signature")
            signatures.append((name, unbase64(signature)))
        note = cls(
            origin, int(size), unbase64(root), dict(line.partition(" ")[::2] for line in further),
            f"{head}\n".encode(), signatures,
        )  # fmt: skip
        if (
            not signatures
            or str(note.size) != size
            or note.size < 1
            or len(note.root) != 32
            or text[-1] != "\n"
        ):
            raise ValueError("not a checkpoint")
        return note

    def signature_by(self, key: Key) -> bytes:
        """This key's signature; empty without one. Ignores signatures by others, such as witnesses."""
        for name, raw in self.signatures:
            if name == key.origin and raw[:4].hex() == key.id:
                return raw[4:]
        return b""

    @property
    def signers(self) -> str:
        return ", ".join(raw[:4].hex() for _, raw in self.signatures)


class Chain:
    """Follows key records and checkpoints in order; stops where the wrong key signed."""

    def __init__(self, trusted: Key, log: Claims | None = None) -> None:
        """`log` is set for a folder: there roots can be computed, and superseded keys appear, too."""
        self.trusted, self.log = trusted, log
        self.key: Key | None = None  # the key in force
        self.number = self.newest = 0  # of the key in force, and of the newest key
        # The key recorded but not covered yet, its number, and whether the previous key was lost.
        self.waiting: tuple[Key, int, bool] | None = None
        self.vouched = False  # the chain from the trusted key reaches the key in force
        self.signed: SignedNote | None = None  # the newest valid checkpoint
        self.began: list[tuple[str, int]] = []  # origins, each with its first record
        self.vouched_to = 0  # the last record that the trusted key vouches for, if a later key was lost
        self.restored: Any = None  # the origin of the log that this one was restored from
        self.reigns: list[tuple[int, Key]] = []  # keys that took effect, and the size from which they sign
        self.keys: list[Key] = []

    def record(self, seq: int, fields: dict[str, Any]) -> None:
        """Check a key record (log_started, log_restored, log_key_added)."""
        kind = fields["type"]
        restored = [fields.get(f"restored_{name}") for name in ("origin", "size", "root")]
        try:
            key, number = Key.parse(fields["key"]), int(fields["key_number"])
        except WRONG:
            tampered(f"record {seq:,} holds no valid key", seq)
        if key.origin != fields.get("origin") or key in self.keys:
            tampered(f"record {seq:,} names the key of another log or an old one", seq)
        if kind == "log_key_added":
            if self.key is None or key.origin != self.key.origin:
                tampered(f"record {seq:,} adds a key to another log than this one", seq)
            if number <= self.newest or (self.log and number != self.newest + 1):
                tampered(f"record {seq:,} adds key {number} after key {self.newest}: a step is missing", seq)
            self.waiting = (key, number, fields.get("cause") == "lost")
        else:
            if (kind == "log_started" and self.key) or kind not in ("log_started", "log_restored"):
                tampered(f"record {seq:,} begins a log within the log", seq)
            if self.key and self.log:
                wrong = f"record {seq:,} names another restored log than the one before it"
                try:
                    self.log.root(unbase64(str(restored[2])), wrong, seq)
                except WRONG:
                    tampered(wrong, seq)
                if restored[:2] != [self.key.origin, seq - 1]:
                    tampered(wrong, seq)
            self.began.append((key.origin, seq))
            self.restored = restored[0]
            self._in_force(key, number, False)
        self.newest = number
        self.keys.append(key)

    def checkpoint(self, note: SignedNote, kept: bool = False) -> None:
        """Check a checkpoint. A kept one does not put the next key into force; one of the log does."""
        which = f"the {'kept ' if kept else ''}checkpoint of {note.size:,} records"
        if self.key is None or note.origin != self.key.origin:
            tampered(f"{which} is of another log ({note.origin})", note.size)
        if self.waiting and self.waiting[2] and self.waiting[0].signed(note):
            self.vouched_to = self.signed.size if self.vouched and self.signed else self.vouched_to
            self._in_force(*self.waiting[:2], False)  # the previous key was lost, so no key could vouch
        key = f"the key in force there, number {self.number} ({self.key.id})"
        unsigned = f"{which}, by {note.signers}, has no good signature of {key}"
        if self.log:
            self.log.signature(self.key, note, unsigned)
        elif not self.key.signed(note):
            tampered(unsigned, note.size)
        if note.further.get("genkan-key", str(self.number)) != str(self.number):
            tampered(f"{which} names another key than number {self.number}, which signed it", note.size)
        if not kept:
            if self.signed and self.signed.size >= note.size:
                earlier = f"after one of {self.signed.size:,}"
                tampered(f"key {self.number} signed {which} {earlier}", note.size)
            self.signed = note
            if self.waiting:
                self._in_force(*self.waiting[:2], self.vouched)

    def _in_force(self, key: Key, number: int, vouched: bool) -> None:
        self.key, self.number, self.waiting = key, number, None
        self.reigns.append((self.signed.size if self.signed else 0, key))
        self.vouched = vouched or key == self.trusted

    def end(self) -> SignedNote:
        """Return the newest checkpoint; stop if the trusted key does not vouch for the log."""
        if self.key is None or self.signed is None:
            undecided("nothing here is signed")
        if self.vouched:
            return self.signed
        if self.trusted in self.keys and self.key.origin == self.trusted.origin:
            undecided(
                f"records 1–{self.vouched_to:,} are as written under the trusted key; then the private key "
                f"was lost, and from {self.vouched_to + 1:,} on another key signs, which no key vouches for: "
                f"compare {self.key.text} with the page Proof of the log on the device, and use that key"
            )
        at = f"record {self.began[-1][1]:,}"
        if self.key.origin == self.trusted.origin:
            tampered(f"the trusted key is not a key of this log, which {at} begins with another", 1)
        if self.trusted.origin in [self.restored, *(origin for origin, _ in self.began)]:
            undecided(f"restored at {at} under another key; use the key shown at the restore")
        undecided(f"this is the log of another device ({self.key.origin}) than the trusted key's")


# ---- Rights on record ------------------------------------------------------------------------------------

RIGHTS, GRANTED = b'"rights":"', b'"type":"access_granted"'
ACCEPTED = b'"action":"registry_accepted"'  # the rights after it are those of another registry
IN_FORCE = "SELECT kind, id, digest, seq FROM rights_in_force"
FOUND = b"f"  # the kind of the entry with which all rights of a registry are on record
NAMED_AT_MOST = 10  # grants


class Rights:
    """Follows each grant to the record that gave the badge or its holder their rights."""

    def __init__(self, grant: int | None = None) -> None:
        # The grant to explain, and whether the record that it names gave its rights.
        self.grant, self.is_authorised = grant, False
        self.in_force: dict[tuple[bytes, bytes], tuple[bytes, int]] = {}  # by kind and id
        self.given_by: dict[tuple[bytes, bytes], list[int]] = {}  # the same subjects: records of older rights
        self.complete = False
        self.accepted: list[int] = []  # the records by which somebody accepted the registry as it is
        self.without: list[int] = []  # the first grants that name no record of their rights
        self.count = self.followed = 0

    def add(self, stretch: Stretch, removed: int) -> None:
        """The next records, in order. Records up to `removed` are not there any more."""
        lines = stretch.lines
        wanted = (RIGHTS, ACCEPTED, *((GRANTED,) if self.complete else ()))
        if isinstance(lines, bytes) and not any(one in lines for one in wanted):
            return
        for seq, body in enumerate(stretch.bodies(), stretch.first):
            if ACCEPTED in body and b'"again":1' not in body:
                self.accepted.append(seq)
            if RIGHTS in body:
                self._record(seq, parsed(seq, body))
            elif GRANTED in body and self.complete and b'"direction":"in"' in body:
                fields = parsed(seq, body)
                if self._is_authorised(fields, removed):
                    self.followed += 1
                    self.is_authorised = self.is_authorised or seq == self.grant
                    continue
                self.count += 1
                if len(self.without) < NAMED_AT_MOST:
                    self.without.append(seq)

    def _record(self, seq: int, fields: dict[str, Any]) -> None:
        if fields["type"] not in ("operator_action", "rights_recorded"):
            return
        for entry in str(fields["rights"]).encode().split(b" "):
            kind, _, rest = entry.partition(b":")
            id_, _, digest = rest.rpartition(b":")
            subject = kind, id_
            if subject in self.in_force:
                self.given_by.setdefault(subject, []).append(self.in_force.pop(subject)[1])
            if digest != b"-":
                self.in_force[subject] = digest, seq
            self.complete = self.complete or kind == FOUND
            if kind == FOUND and self.accepted:
                self._forget_before(self.accepted[-1])

    def _forget_before(self, seq: int) -> None:
        """All rights of an accepted registry are on record: earlier ones are no longer in force."""
        for subject in [one for one, (_, newest) in self.in_force.items() if newest < seq]:
            self.given_by.setdefault(subject, []).append(self.in_force.pop(subject)[1])

    def _is_authorised(self, fields: dict[str, Any], removed: int) -> bool:
        """Whether the grant names a record that gives its badge or holder rights. A change may be recorded
        between the tap and the grant, so an earlier one counts as well."""
        seq = fields.get("rights_seq")
        if type(seq) is not int or not 0 < seq < fields["seq"]:
            return False
        subjects = (b"b", str(fields.get("credential")).encode()), (b"p", str(fields.get("person")).encode())
        giving = [self.in_force[one][1] for one in subjects if one in self.in_force]
        return seq <= removed or seq in giving or any(seq in self.given_by.get(one, ()) for one in subjects)

    def compare(self, rows: list[Any], last: int, removed: int) -> None:
        """Stop unless the table is what the records up to number `last` leave; removed ones cannot tell."""
        stored = {(kind, id_): (hexlify(digest), seq) for kind, id_, digest, seq in rows}
        for subject, (digest, seq) in self.in_force.items():
            kept = stored.pop(subject, None)
            if kept != (digest, seq) and (kept is None or kept[1] <= last):
                tampered(f"rights_in_force is not what record {seq:,} says", seq)
        for _, seq in stored.values():
            if removed < seq <= last:
                tampered(f"rights_in_force has rights that record {seq:,} does not give", seq)

    def report(self) -> list[str]:
        if not self.count:
            return []
        named = ", ".join(f"{seq:,}" for seq in self.without) + (
            " …" if self.count > len(self.without) else ""
        )
        are = "1 grant names" if self.count == 1 else f"{self.count:,} grants name"
        return [f"{are} no record that gave the right to enter: {named}."]


# ---- A data folder --------------------------------------------------------------------------------------


class FolderCheck:
    """Reads the log once, in order, and checks each checkpoint against the records before it."""

    def __init__(
        self, file: Path, trusted: Key, kept: Iterable[SignedNote], grant: int | None = None
    ) -> None:
        """`grant`: the number of a record access_granted to explain."""
        self.database, self.log, self.story = Database(file), Claims(), Story()
        self.chain, self.rights, self.grant = Chain(trusted, self.log), Rights(grant), grant
        self.kept = sorted(kept, key=lambda note: note.size)
        self.gaps: Runs = []
        self.removed: Runs = []
        self.last = 0
        self.unfiled: int | None = None  # the first of the last records that no index holds
        self.since: list[Stretch] = []  # since the newest checkpoint, as many as may be unsigned

    def verdict(self) -> Conclusion:
        self.read()
        self._check_missing()
        if self.last == 0:
            undecided("the log holds no record")
        if self.story.newer:
            raise self.story.newer[0]
        newest = self.chain.end()
        self._check_removals(newest.size)
        self._check_tables()
        self.story.check_erasures(newest.size)
        lines, unsigned, written = (
            [*self.story.report(), *self.rights.report()],
            self.last - newest.size,
            "each as it was written",
        )
        if unsigned:
            which = format_runs([(newest.size + 1, self.last)])
            self._check_unsigned(newest, which)
            written = f"{format_runs([(1, newest.size)])} as written, {which} not signed yet"
            lines.append(f"Not signed yet: {which}, the last {format_count(unsigned)}.")
        gone = sum(last - first + 1 for first, last in self.removed)
        removed = f", {gone:,} of them removed after their retention" if gone else ""
        sentence = f"OK: {format_count(self.last)}{removed}, none missing, {written}."
        explained = () if self.grant is None else (self._explain(self.grant),)
        return Conclusion(OK, sentence, (*explained, *lines, newest_line(newest)))

    def _explain(self, grant: int) -> str:
        """Of this record access_granted: which record gave the right to enter, and who."""
        if not 0 < grant <= self.last:
            undecided(f"there is no record {grant:,}; the log holds {format_count(self.last)}")
        fields, _ = self._record(grant)
        if fields is None:
            undecided(f"record {grant:,} was removed after its retention")
        if fields["type"] != "access_granted":
            undecided(f"record {grant:,} is not a grant; its type is {fields['type']}")
        if fields.get("direction") != "in":
            return f"Record {grant:,}: let out; leaving needs no right."
        giving = fields.get("rights_seq")
        if not self.rights.is_authorised or type(giving) is not int:
            when = "" if self.rights.complete else "; not all rights are on record"
            return f"Record {grant:,}: admitted, but it names no record that gave the right to enter{when}."
        source, details = self._record(giving)
        if source is None:
            by = "(removed after its retention)"
        else:
            by = f"({source.get('action', source['type'])})"
            accepted, details_of_acceptance = self._acceptance(giving, source)
            if accepted:
                by, details = f"{by} of record {accepted:,} (registry_accepted)", details_of_acceptance
            by = f"{by}, given by {details.get('operator') or 'an operator whose name was erased'}"
        rules = f"rules v{fields['rules']}" if fields.get("rules") else "no published rules"
        return f"Record {grant:,}: admitted because of record {giving:,} {by}, under {rules}."

    def _acceptance(self, giving: int, source: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Number and details of the record by which somebody accepted the registry whose rights record
        `giving` holds as found; 0 if nobody did.
        """
        earlier = [seq for seq in self.rights.accepted if seq < giving]
        if source.get("object_type") != "registry" or not earlier:
            return 0, {}
        fields, details = self._record(earlier[-1])
        if fields is None or fields.get("object_id") != source.get("object_id"):
            return 0, {}
        return earlier[-1], details

    def _record(self, seq: int) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """Body and details of a record that was checked; None for a removed one."""
        try:
            [(stretch, beside)] = self.database.read(lambda query: stretches_of(query, seq, seq))
        finally:
            self.database.close()
        if stretch.lines is None:
            return None, {}
        details = json.loads(beside[0][2]) if beside else {}
        return parsed(seq, stretch.bodies()[0]), details

    def read(self) -> None:
        """Read all records; stop at the first bad one, and note missing ones."""
        try:
            while self._read_on():
                pass
            for seq, body in self._unsigned():
                parsed(seq, body)  # no signature covers it yet
        except (Stop, sqlite3.Error):
            self.log.finish()  # a fault found there is in an earlier record
            raise
        finally:
            self.database.close()
        self.log.finish()

    def _read_on(self) -> bool:
        """Check the next records; return False at the end, which a running door may move."""
        stretches, notes, span, pointed_at, self.unfiled = self.database.read(self._next)
        for stretch, details in stretches:
            if stretch.first > self.last + 1:
                add_run(self.gaps, self.last + 1, stretch.first - 1)
            self._check_stretch(stretch, details, span)
            self.last = stretch.last
            if self._whole(stretch.last):
                self._checkpoint(stretch.last, notes.get(stretch.last))
        if not stretches and pointed_at > self.last:
            add_run(self.gaps, self.last + 1, pointed_at)
        return bool(stretches)

    def _next(
        self, query: Query
    ) -> tuple[
        list[tuple[Stretch, list[Details]]], dict[int, bytes], list[tuple[bytes, bytes]], int, int | None
    ]:
        # A running door files the last records of an earlier snapshot together with those of this one.
        unfiled = None if self.unfiled is None else query(UNFILED, self.unfiled, self.last)[0][0]
        first = query(NEXT, self.last)[0][0]
        if first is None:
            return [], {}, [], query(POINTED_AT)[0][0] or 0, unfiled
        span = first // SPAN
        last = (span + 1) * SPAN - 1
        notes, stretches = dict(query(NOTES, first, last)), []
        kept = [note.size for note in self.kept if first <= note.size < last]
        for stop in sorted({*notes, *kept, last}):
            stretches += stretches_of(query, first, stop)
            first = stop + 1
        return stretches, notes, query(SPANS, span), 0, unfiled

    def _whole(self, size: int) -> bool:
        """Whether no record up to `size` is missing; otherwise no root is computable, and a key may lack."""
        return not self.gaps or size < self.gaps[0][0]

    def _check_stretch(
        self, stretch: Stretch, details: list[Details], span: list[tuple[bytes, bytes]]
    ) -> None:
        if stretch.lines is None:
            add_run(self.removed, stretch.first, stretch.last)
            if self._whole(stretch.last):
                self.log.records(stretch)
            return
        try:
            times, keys = self.story.add(stretch, details)
        except Stop:
            stretch.hashes()
            raise
        self.rights.add(stretch, self.removed[-1][1] if self.removed else 0)
        rest = stretch
        for seq, fields in keys.items():
            if self._whole(seq):
                before, rest = rest.cut(seq)
                self.log.records(before)
                self.chain.record(seq, fields)
        if self._whole(stretch.last):
            self.log.records(rest)
        else:
            stretch.hashes()
        if not stretch.filed:
            self.unfiled = self.unfiled or stretch.first
        elif self.unfiled:
            tampered(f"record {self.unfiled:,} is hidden from the filters", self.unfiled)
        for low, high in span:
            if not low <= min(times) <= max(times) <= high:
                hidden = stretch.first + next(at for at, utc in enumerate(times) if not low <= utc <= high)
                tampered(f"record {hidden:,} is hidden from its day", hidden)
        self.since = [*self.since, stretch][-UNSIGNED_AT_MOST:]

    def _checkpoint(self, size: int, stored: bytes | None) -> None:
        for note in [note for note in self.kept if note.size == size]:
            self._same_device(note)
            self.chain.checkpoint(note, kept=True)
            wrong = f"one or more of the records 1–{size:,} are not those of the kept checkpoint"
            self.log.root(note.root, wrong, 1)
            self.kept.remove(note)
        if stored is None:
            return
        try:
            note = SignedNote.parse(stored.decode())
        except WRONG:
            tampered(f"the checkpoint of {size:,} records is malformed", size)
        first = self.chain.signed.size + 1 if self.chain.signed else 1
        self.chain.checkpoint(note)
        wrong = f"one or more of the records {format_runs([(first, size)])} are not those signed"
        if note.size != size:
            tampered(wrong, first)
        self.log.root(note.root, wrong, first)
        self.since = []

    def _unsigned(self) -> list[tuple[int, bytes]]:
        numbered = [zip(range(stretch.first, stretch.last + 1), stretch.bodies()) for stretch in self.since]
        return [one for stretch in numbered for one in stretch][-UNSIGNED_AT_MOST:]

    def _same_device(self, note: SignedNote) -> None:
        for (origin, _), (_, end) in zip(self.chain.began, self.chain.began[1:]):
            if note.origin == origin and note.size >= end:
                missing([(end, note.size)], f" of the log as it was before it was restored at record {end:,}")
        if note.origin not in [origin for origin, _ in self.chain.began]:
            undecided(f"the kept checkpoint is of another device ({note.origin})")

    def _check_missing(self) -> None:
        """Stop if records are missing, including records that a kept checkpoint covers."""
        why = ""
        for note in self.kept:
            if not self.gaps:
                self._same_device(note)
            signers = [key for key in self.chain.keys if key.id in note.signers]
            if signers and not any(key.signed(note) for key in signers):
                tampered(f"the kept checkpoint of {note.size:,} records has no good signature", note.size)
            if note.size > max([self.last, *(last for _, last in self.gaps)]):
                add_run(self.gaps, self.last + 1, note.size)
                key = "" if signers else f", and key {note.signers}, which signed it, is gone as well"
                why = f", which the kept checkpoint covers: the log was rolled back{key}"
        if self.gaps:
            missing(self.gaps, why)

    def _check_tables(self) -> None:
        """Check the schema: a changed table, index or trigger could make pages and filters hide records."""
        lowest, version = self.database.read(lambda query: query(LOWEST))[0][0], self.database.version
        if lowest is not None and lowest < 1:
            tampered(f"there is a record or checkpoint with number {lowest:,}; the first has number 1")
        if self.database.tables() != TABLES[version]:
            tampered(f"the tables of {self.database.file.name} are not as Genkan creates them")
        if version >= FIRST_WITH_RIGHTS:
            rows, (newest,) = self.database.read(lambda query: (query(IN_FORCE), query(NEWEST)[0]))
            if newest == self.last:  # otherwise a running door has written more meanwhile
                self.rights.compare(rows, self.last, self.removed[-1][1] if self.removed else 0)

    def _check_unsigned(self, newest: SignedNote, which: str) -> None:
        """Stop if more is unsigned than a door leaves: somebody may have deleted a checkpoint.

        After a power cut the last records are unsigned because the door had no time to sign them.
        """
        unsigned = self.last - newest.size
        if unsigned > UNSIGNED_AT_MOST:
            undecided(
                f"{which}, the last {format_count(unsigned)}, are not signed; only {UNSIGNED_AT_MOST} may be"
            )
        of_signed, _, _ = newest.further.get("genkan-boot", "").partition(" ")
        began: dict[str, int] = {}
        kind = ""
        for seq, body in self._unsigned():
            fields = parsed(seq, body)
            boot, mono, kind = fields["boot"], fields["mono_ms"], fields["type"]
            long = mono - began.setdefault(boot, mono)
            if long > (UNSIGNED_MS if boot == of_signed else NEW_BOOT_MS):
                undecided(
                    f"{which} are not signed, and by record {seq:,} a door would have signed them; a "
                    "checkpoint was deleted, or the door cannot sign: see the service log"
                )
        if kind == "service_stopped" and not door_is_running(self.database.file.parent):
            undecided(
                f"{which} are not signed, and a door signs when it is stopped; a checkpoint was deleted, "
                "or the door was stopped by force: start it once"
            )

    def _check_removals(self, size: int) -> None:
        """Stop unless a signed record reports each removal, with the root over the removed hashes."""
        if left := self.story.unrecorded(self.removed, size):
            missing(left, ", and no signed record reports their removal")
        for seq, first, last, root in self.story.removals:
            tree = MerkleTree()
            while leaves := self._leaves(first + tree.size, min(last, first + tree.size + SPAN - 1)):
                tree.extend(leaves)
            if root != base64.b64encode(tree.root()).decode():
                other = f"the removal of other records than {format_runs([(first, last)])}"
                tampered(f"record {seq:,} reports {other}", seq)

    def _leaves(self, first: int, last: int) -> list[bytes]:
        found = self.database.read(lambda query: stretches_of(query, first, last))
        return [
            stretch.leaves[at : at + 32] for stretch, _ in found for at in range(0, len(stretch.leaves), 32)
        ]


def add_run(runs: Runs, first: int, last: int) -> None:
    if runs and runs[-1][1] == first - 1:
        runs[-1] = (runs[-1][0], last)
    elif len(runs) < LINES_AT_MOST * 100:
        runs.append((first, last))


def newest_line(note: SignedNote) -> str:
    time = note.further.get("genkan-time")
    return f"Newest checkpoint: {format_count(note.size)}, {time}, signed by key {note.signers}."


# ---- An export and its proof ----------------------------------------------------------------------------

FIELDS = {
    "format": ["details", "filter", "format", "kind", "origin", "rows", "size", "version"], "key": ["key"],
    "checkpoint": ["checkpoint", "consistency"], "erasure": ["erasure"], "shown": ["shown"],
    "removed": ["removed"], "hashes": ["hashes"], "marks": ["marks"], "voucher": ["voucher"],
    "end": ["bytes", "end", "proof", "sha256"],
}  # fmt: skip
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
RESAVED = "another program seems to have saved it again, use it as downloaded"
OF_RECORDS = {"erasure", "shown", "removed", "hashes", "marks"}
ORDER = {name: place for place, name in enumerate(FIELDS)} | {"checkpoint": 1, "key": 1}
Opener = Callable[[], IO[bytes]]


class ExportCheck:
    def __init__(
        self, name: str, data: Opener, length: int, trusted: Key, kept: Iterable[SignedNote]
    ) -> None:
        """`length` is the data's length in bytes."""
        self.name, self.data, self.length, self.kept = name, data, length, list(kept)
        self.chain = Chain(trusted)
        self.story = Story()
        self.head: dict[str, Any] = {}
        self.voucher: dict[str, Any] = {}
        self.vouched = ""  # the clause on whether a part is complete
        self.end: dict[str, Any] = {}
        self.roots: dict[int, bytes] = {}  # of the proof's checkpoints, by size
        self.proven: dict[int, int] = {}  # records person_erased outside a part of the log
        # Data per record is kept as bare bytes, for a log may be long.
        self.runs = {"shown": array("Q"), "removed": array("Q")}
        self.hashes, self.marks = bytearray(), bytearray()
        self.next: list[tuple[int, bytes, Any, Any]] = []  # number, body, salt, details; not checked yet

    def verdict(self, proof: Opener) -> Conclusion:
        with proof() as file:
            self._read_proof(file)
        newest = self.chain.end()
        if (self.head["origin"], self.head["size"]) != (newest.origin, newest.size):
            tampered("the proof names another log or size than its checkpoints")
        sentence = self._records(newest) if self.head["kind"] == "jsonl" else self._csv(newest)
        if self._digest() != self.end["sha256"] or self.length != self.end["bytes"]:
            tampered(f"{self.name} was changed after its export")
        if self.story.newer:
            raise self.story.newer[0]
        if self.head["kind"] == "jsonl":
            sentence += self._check_details(newest.size) + self.vouched
        lines = [*self.story.report(), newest_line(newest)]
        if self._is_part:
            lines.insert(0, f"Filter: {canonical(self.head['filter']).decode()}.")
        return Conclusion(OK, f"OK: {sentence}.", tuple(lines))

    @property
    def _is_part(self) -> bool:
        return self.head["filter"] is not None

    def _read_proof(self, file: IO[bytes]) -> None:
        digest, before, number = sha256(), "", 0
        while line := file.readline(LONG_LINE):
            number += 1
            try:
                value = json.loads(line.decode())
                name = next(name for name in FIELDS if name in value)
                in_order = ORDER[name] >= ORDER[before] if before else name == "format"
                if sorted(value) != FIELDS[name] or canonical(value) + b"\n" != line or not in_order:
                    raise ValueError("not in canonical form")
                if name == "end" and value["proof"] != digest.hexdigest():
                    raise ValueError("changed after the export")
                self._read_line(name, value)
            except (*WRONG, StopIteration, OverflowError):
                if number == 1 and is_resaved(line) and b"genkan-proof" in line.replace(b"\0", b""):
                    undecided(f"the proof of {self.name} is not as Genkan wrote it; {RESAVED}")
                if number == 1:
                    undecided(f"{self.name} has no proof of a Genkan export beside it")
                if line.endswith(b"\n") or self.end:
                    tampered(f"line {number:,} of the proof is not as Genkan wrote it")
                break
            digest.update(line)
            before = name
        if not self.end:
            undecided(f"the proof of {self.name} is {'cut short' if number else 'empty'}")

    def _read_line(self, name: str, line: dict[str, Any]) -> None:
        """Read a line of the proof; raise one of WRONG for a malformed line."""
        if name == "format":
            if line["format"] != "genkan-proof" or self.head:
                raise ValueError("another format")
            if repr(line["version"]) != repr(VERSION) or line["kind"] not in ("csv", "jsonl"):
                undecided(f"the proof is of version {line['version']}, not {VERSION}; get a newer program")
            if line["details"] not in ("shown", "withheld") or not whole_numbers(line["rows"], line["size"]):
                raise ValueError("malformed")
            self.head = line
        elif name in OF_RECORDS and (self.head["kind"] != "jsonl" or (name == "removed" and self._is_part)):
            raise ValueError("of another kind of export")
        elif name == "key":
            line = line["key"]
            if set(line) != {"body", "checkpoint", "proof", "consistency"}:
                raise ValueError("malformed")
            body = line["body"].encode()
            seq = json.loads(body)["seq"]
            fields = parsed(seq, body)
            self.chain.record(seq, fields)
            if fields["type"] != "log_key_added":
                if line != {"body": line["body"], "checkpoint": None, "proof": None, "consistency": None}:
                    raise ValueError("a first key needs nothing else")
            else:
                note = SignedNote.parse(line["checkpoint"])
                if root_of_leaf(seq - 1, note.size, leaf_hash(body), paths(line["proof"])) != note.root:
                    tampered(f"record {seq:,} adds a key, and no checkpoint covers it", seq)
                self._checkpoint(note, line["consistency"])
        elif name == "checkpoint":
            self._checkpoint(SignedNote.parse(line["checkpoint"]), line["consistency"])
        elif name == "erasure":
            seq, fields = self._in_log(line[name], {"body", "proof"})
            if fields["type"] != "person_erased" or not self._is_part:
                raise ValueError("not an erasure")
            self.proven[seq] = int(fields["records"])
        elif name in self.runs:
            for first, last in line[name]:
                if not whole_numbers(first, last):
                    raise ValueError("not numbers")
                if not (self.runs[name][-1] if self.runs[name] else 0) < first <= last <= self.head["size"]:
                    raise ValueError("not rising")
                self.runs[name].extend((first, last))
        elif name == "hashes":
            self.hashes += b"".join(paths(line[name]))
            self._as_many_as_records(len(self.hashes) // 32)
        elif name == "marks":
            if any(len(mark) != 8 for mark in line[name]):
                raise ValueError("not the beginning of a hash")
            self.marks += unhex("".join(line[name]))
            self._as_many_as_records(len(self.marks) // 4)
        elif name == "voucher" and not self.voucher and line[name]:
            self.voucher = line[name]
        elif name == "end" and line[name] is True and whole_numbers(line["bytes"]):
            self.end = line
        else:
            raise ValueError("an extra line")

    def _as_many_as_records(self, found: int) -> None:
        """Limit the length of lists: otherwise a small zip file could fill the memory."""
        if self.chain.signed is None:
            undecided("nothing here is signed")
        if found > self.chain.signed.size:
            raise ValueError("more than there are records")

    def _in_log(self, entry: dict[str, Any], names: set[str]) -> tuple[int, dict[str, Any]]:
        """Check a single record and the proof that the newest checkpoint covers it."""
        body, newest = entry["body"].encode(), self.chain.signed
        seq = json.loads(body)["seq"]
        fields = parsed(seq, body)
        if newest is None or set(entry) != names:
            raise ValueError("malformed")
        if root_of_leaf(seq - 1, newest.size, leaf_hash(body), paths(entry["proof"])) != newest.root:
            tampered(f"record {seq:,} of the proof is not in the log", seq)
        return seq, fields

    def _checkpoint(self, note: SignedNote, consistency: list[str] | None) -> None:
        before = self.chain.signed
        if (before is None) != (consistency is None):
            raise ValueError("a consistency proof is missing or extra")
        self.chain.checkpoint(note)
        if before:
            roots = two_roots(before.size, note.size, before.root, paths(consistency))
            if roots != (before.root, note.root):
                tampered(
                    f"the log of {note.size:,} records does not begin with the {before.size:,} before", 1
                )
        self.roots[note.size] = note.root

    def _vouched(self) -> tuple[int, dict[str, Any]]:
        """Return number and fields of the record in which the door vouches for the whole file."""
        try:
            seq, fields = self._in_log(self.voucher, {"body", "proof"})
            vouches = fields["type"] == "operator_action" and fields["action"] == "export_sealed"
        except WRONG:
            tampered("the proof holds no record that vouches for the file")
        if not vouches:
            tampered(f"record {seq:,} of the proof vouches for no file", seq)
        if not {"bytes", "filter", "rows"} <= set(fields):
            undecided(f"record {seq:,} does not say which rows {self.name} holds; export again")
        rows, vouched, chosen = self.head["rows"], fields["rows"], canonical(self.head["filter"] or {})
        if self.head["kind"] == "jsonl" and type(vouched) is int and rows < vouched:
            lacks = f"{vouched - rows:,} of the {vouched:,} records that record {seq:,} vouches for"
            raise Stop(INCOMPLETE, f"{self.name} lacks {lacks}; the records it holds are unaltered")
        if (vouched, fields["bytes"], fields["filter"]) != (rows, self.end["bytes"], chosen.decode()):
            tampered(f"the proof states other rows or another filter than record {seq:,}", seq)
        return seq, fields

    def _csv(self, newest: SignedNote) -> str:
        seq, fields = self._vouched()
        wanted, bytes = self.head["rows"], self.end["bytes"]
        self._compare(newest, {})
        if self.length != bytes or self._digest() != fields.get("object_id"):
            self._other_table(seq, wanted, bytes)
        what = f" (filtered: {wanted:,} of {seq - 1:,})" if self._is_part else ""
        return f"{wanted:,} rows{what}, byte for byte the file that record {seq:,} of the log vouches for"

    def _other_table(self, seq: int, wanted: int, bytes: int) -> NoReturn:
        """Stop with the most precise answer for a table other than the one that record `seq` vouches for."""
        with self.data() as file:
            heading = file.readline(SMALL)
        if not heading.startswith(b'\xef\xbb\xbf"') or (heading.endswith(b"\n") and heading[-3:] != b'"\r\n'):
            tampered(f"{self.name} is not the file that record {seq:,} vouches for; {RESAVED}")
        if self.length > bytes:
            tampered(f"{self.name} holds more than the {wanted:,} rows of its proof, or longer ones")
        rows = rows_of(self.data) if self.length < bytes else wanted
        if rows >= wanted:
            tampered(f"{self.name} is not the file that record {seq:,} vouches for")
        last, gaps = numbers_of(self.data)
        lacks, first = f"is cut short: {rows:,} of {wanted:,} rows, up to record {last:,}", last + 1
        if gaps and not self._is_part:
            up_to = f"{rows:,} of {wanted:,} are there, up to record {last:,}"
            lacks = f"lacks rows: {up_to}, without {format_runs(gaps)}"
            first = gaps[0][0]
        raise Stop(INCOMPLETE, f"{self.name} {lacks}", first)

    def _digest(self) -> str:
        digest = sha256()
        with self.data() as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
        return digest.hexdigest()

    def _records(self, newest: SignedNote) -> str:
        size, rows = newest.size, self.head["rows"]
        included, removed = self._runs("shown"), self._runs("removed")
        held = sum(last - first + 1 for first, last in included())
        if rows != held or (self.voucher and not self._is_part):
            tampered("the proof states another number of rows than it lists")
        with self.data() as file:
            root, peaks = self._root(file, size)
            if file.read(1):
                tampered(f"{self.name} holds more than the {rows:,} records of its proof")
        if root != newest.root:
            first = self.runs["shown"][0] if rows else None
            tampered(
                f"one or more of the records {format_runs(list(included()))} are not those signed", first
            )
        self._compare(newest, peaks)
        if self._is_part:
            if self.voucher:
                seq, fields = self._vouched()
                if self._digest() != fields.get("object_id"):
                    tampered(f"{self.name} is not the file that record {seq:,} vouches for", seq)
                size, self.vouched = fields.get("size", seq - 1), f"; all that record {seq:,} vouches for"
            else:
                whole = (
                    f"{format_runs(list(included()))} without a gap, but "
                    if len(self.runs["shown"]) == 2
                    else ""
                )
                self.vouched = f"; {whole}no record vouches that no other fits the filter"
            return f"filtered: {rows:,} of {size:,} records, each as it was written"
        both = sorted([*included(), *removed(), (size + 1, size + 1)])
        pairs = list(zip([(0, 0), *both], both))
        if any(b[0] <= a[1] for a, b in pairs):
            tampered("the proof lists a record both as removed and as present")
        gaps = [(a[1] + 1, b[0] - 1) for a, b in pairs if b[0] > a[1] + 1]
        if left := gaps or self.story.unrecorded(removed(), size):
            missing(left, f" of {size:,} records")
        gone = f", {size - rows:,} of them removed after their retention" if size > rows else ""
        return f"{format_count(size)}{gone}, none missing, each as it was written"

    def _check_details(self, size: int) -> str:
        """Stop unless signed records report the erasure of all missing details."""
        absent, first = self.story.erased, self.story.first_erased
        if self.head["details"] == "withheld":
            return ", without their names and details" if absent else ""
        if not self._is_part:
            self.story.check_erasures(size)
        else:
            by_record = {seq: records for seq, what, records in self.story.erasing if what == b"done"}
            recorded = sum({**by_record, **self.proven}.values())
            if absent > recorded:
                raise Stop(
                    INCOMPLETE,
                    f"details of {format_count(absent)} are not in {self.name}, the first is record "
                    f"{first:,}, and signed records report the erasure of {recorded:,}",
                    first,
                )
        return f", the details of {absent:,} erased" if absent else ""

    def _compare(self, newest: SignedNote, peaks: dict[tuple[int, int], bytes]) -> None:
        """Compare kept checkpoints with those of the proof and, if it shows enough, with the records."""
        for note in self.kept:
            which, at = f"the kept checkpoint of {note.size:,} records", self.chain.began[-1][1]
            if note.origin != newest.origin and note.origin == self.chain.restored:
                undecided(f"{which} is of the log as it was before it was restored at record {at:,}")
            if note.origin != newest.origin:
                undecided(f"{which} is of another device ({note.origin})")
            key = next(key for start, key in reversed(self.chain.reigns) if start < note.size)
            if not key.signed(note):
                if note.size > newest.size and key.id not in note.signers:
                    undecided(f"{which} is newer than this export of {newest.size:,}; a later key signed it")
                tampered(f"{which}, by {note.signers}, has no good signature of key {key.id}", note.size)
            if note.size > newest.size:
                if self._is_part or self.head["kind"] == "csv":
                    undecided(f"{which} is newer than this export, which proves {newest.size:,}")
                missing([(newest.size + 1, note.size)], ", which the kept checkpoint covers")
            root = self.roots.get(note.size)
            if root is None and set(parts(note.size)) <= set(peaks):
                root = joined([peaks[part] for part in parts(note.size)])
            if root is None:
                undecided(f"this export does not show enough to compare it with {which}")
            if root != note.root:
                tampered(f"one or more of the records 1–{note.size:,} are not those of {which}", 1)

    def _runs(self, name: str) -> Callable[[], Iterator[tuple[int, int]]]:
        return lambda: zip(self.runs[name][::2], self.runs[name][1::2])

    def _root(self, file: IO[bytes], size: int) -> tuple[bytes, dict[tuple[int, int], bytes]]:
        """Compute the root from the file's records and the other hashes, and peaks for kept checkpoints."""
        runs, none = self._runs("shown")(), (size + 1, size + 1)
        hashes = (bytes(self.hashes[at : at + 32]) for at in range(0, len(self.hashes), 32))
        marks = (self.marks[at : at + 4] for at in range(0, len(self.marks), 4))
        first, last = next(runs, none)
        wanted = {part for note in self.kept for part in parts(note.size)}
        peaks: dict[tuple[int, int], bytes] = {}

        def subtree(start: int, width: int) -> bytes:  # over the records start + 1 … start + width
            nonlocal first, last
            if first > start + width:
                hash = next(hashes, b"")
            elif width == 1:
                hash = self._leaf(file, first, bytes(next(marks, b"")))
                first, last = (first + 1, last) if first < last else next(runs, none)
            else:
                half = left_part(width)
                hash = node_hash(subtree(start, half), subtree(start + half, width - half))
            if (start, width) in wanted:
                peaks[start, width] = hash
            return hash

        try:
            root = subtree(0, size)
        finally:
            self._check_pending()  # a fault there is in an earlier record
        if next(hashes, None) is not None or next(marks, None) is not None:
            tampered("the proof holds more hashes than the log has")
        return root, peaks

    def _leaf(self, file: IO[bytes], seq: int, mark: bytes) -> bytes:
        """Return the leaf of the file's next line, which must be record `seq`."""
        text = file.readline(LONG_LINE)
        if not text.endswith(b"\n") and len(text) < LONG_LINE:
            rest = [(max(first, seq), last) for first, last in self._runs("shown")() if last >= seq]
            missing(rest, f"; {self.name} is cut short")
        try:
            line = json.loads(text.decode())
            body, details, salt = line["body"].encode(), line["details"], line["salt"]
            good = len(line) == 3 and canonical(line) + b"\n" == text and b"\n" not in body
            good = good and (salt is None) == (details is None)
            salt, details = salt and unhex(salt), details and details.encode()
        except WRONG:
            good = False
        if not good:
            tampered(
                f"record {seq:,} is not in canonical form{f'; {RESAVED}' if is_resaved(text) else ''}", seq
            )
        leaf = leaf_hash(body)
        if leaf[:4] != mark:
            tampered(f"record {seq:,} is not the one that the proof covers", seq)
        if self.next and (seq != self.next[-1][0] + 1 or len(self.next) == SPAN):
            self._check_pending()
        self.next.append((seq, body, salt, details))
        return leaf

    def _check_pending(self) -> None:
        """Check the collected records in one go."""
        pending, self.next = self.next, []
        if pending:
            lines = b"".join([body + b"\n" for _, body, _, _ in pending])
            beside = [(seq, salt, details) for seq, _, salt, details in pending if details is not None]
            self.story.add(Stretch(pending[0][0], pending[-1][0], lines, b""), beside)


def whole_numbers(*values: Any) -> bool:
    return all(type(value) is int for value in values)


def unhex(text: str) -> bytes:
    raw = bytes.fromhex(text)
    if raw.hex() != text:
        raise ValueError("hex is not canonical")
    return raw


def paths(hashes: list[str] | None) -> list[bytes]:
    raw = [unbase64(hash) for hash in hashes or ()]
    if any(len(hash) != 32 for hash in raw):
        raise ValueError("not a hash")
    return raw


def parts(size: int) -> list[tuple[int, int]]:
    """The full subtrees, as (start, width), that make up a tree of `size` leaves."""
    found, start = [], 0
    while start < size:
        found.append((start, 1 << (size - start).bit_length() - 1))
        start += found[-1][1]
    return found


def is_resaved(line: bytes) -> bool:
    """Whether an editor or a spreadsheet added its own encoding mark or line end."""
    return line.startswith((b"\xef\xbb\xbf", *UTF_16)) or line.endswith(b"\r\n")


def rows_of(data: Opener) -> int:
    """Count complete CSV rows without the heading; memory stays small for rows of any length."""
    rows, quoted = -1, False  # -1: the heading is not a row
    with data() as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            for index, part in enumerate(piece.split(b'"')):
                quoted ^= index > 0
                rows += 0 if quoted else part.count(b"\n")
    return max(rows, 0)


def numbers_of(data: Opener) -> tuple[int, Runs]:
    """Return the last record number in a CSV and the gaps between its rows, up to where the file was cut."""
    gaps: Runs = []
    last, room = 0, LONG_ROW

    def lines(file: IO[bytes]) -> Iterator[str]:
        nonlocal room
        while (line := file.readline(room)).endswith(b"\n"):
            room -= len(line)
            yield line.decode("utf-8-sig", "replace")

    with data() as file, contextlib.suppress(csv.Error, ValueError, IndexError):  # not a row
        for index, row in enumerate(csv.reader(lines(file), strict=True)):
            room = LONG_ROW
            if index == 0:
                continue  # the heading
            number = int(row[0])
            if last and number > last + 1:
                add_run(gaps, last + 1, number - 1)
            last = number
    return last, gaps


def verify_export(file: Path, trusted: Key, proof: Path | None, kept: Iterable[SignedNote]) -> Conclusion:
    for one in (file, proof or file.with_name(file.name + ".proof")):
        if one.exists() and not (one.is_file() or one.is_dir()):
            undecided(f"{one} is not a regular file")
    with open(file, "rb") as data:
        start = data.read(4)
    if not start:
        undecided(f"{file} is empty")
    if start == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(file) as archive:
                names = [name for name in archive.namelist() if name + ".proof" in archive.namelist()]
                if len(names) != 1 or len(set(archive.namelist())) != len(archive.namelist()):
                    undecided(f"{file} does not hold one export and its proof")
                length = archive.getinfo(names[0]).file_size
                export = ExportCheck(names[0], lambda: archive.open(names[0]), length, trusted, kept)
                return export.verdict(lambda: archive.open(names[0] + ".proof"))
        except (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, RuntimeError) as error:
            undecided(f"{file} is a damaged zip file ({error}); fetch it again")
    beside = proof or file.with_name(file.name + ".proof")
    if not beside.exists():
        undecided(f"{beside} is missing, and without it nothing is signed")
    export = ExportCheck(file.name, lambda: open(file, "rb"), file.stat().st_size, trusted, kept)
    return export.verdict(lambda: open(beside, "rb"))


# ---- Two checkpoints ------------------------------------------------------------------------------------


def verify_checkpoints(old: SignedNote, new: SignedNote, trusted: Key) -> Conclusion:
    """Compare two checkpoints; without the log, only ones that the trusted key signed."""
    for note in (old, new):
        if note.origin != trusted.origin:
            undecided(f"the checkpoint of {note.size:,} records is of another device ({note.origin})")
        if not trusted.signed(note):
            if trusted.id in note.signers:
                tampered(f"the checkpoint of {note.size:,} records has no good signature", note.size)
            undecided(f"a later key ({note.signers}) signed that of {note.size:,} records; add --data")
    if old.size > new.size:
        missing([(new.size + 1, old.size)], ": the newer checkpoint is the shorter one")
    if old.size < new.size:
        sentence = "both signatures are valid; only the log can show whether the newer extends the older"
        undecided(f"{sentence}; add --data")
    if old.root != new.root:
        tampered(f"two checkpoints of {old.size:,} records differ: there are two histories", 1)
    return Conclusion(OK, f"OK: both checkpoints are of the same {old.size:,} records.")


# ---- What the records report ----------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parsed(seq: int, body: bytes, newer: list[Stop] | None = None) -> dict[str, Any]:
    """Return a body's fields; stop unless it is canonical, of a known version, and number `seq`.

    If `newer` is a list, append the answer for an unknown version instead: a root may still prove a forgery.
    """
    try:
        fields = json.loads(body.decode())
        good = canonical(fields) == body and fields.get("v") is not None
    except WRONG:
        good = False
    if not good:
        tampered(f"record {seq:,} is not in canonical form", seq)
    if fields["v"] != VERSION:
        sentence = (
            f"record {seq:,} is of version {fields['v']}, this program knows {VERSION}; get a newer one"
        )
        if newer is None:
            undecided(sentence)
        newer.append(Stop(CANNOT_TELL, sentence))
        return {"utc": "", "type": ""}
    if fields.get("seq") != seq:
        tampered(f"record {seq:,} carries another number", seq)
    shapes = {"boot": str, "utc": str, "type": str, "mono_ms": int}
    if any(type(fields.get(name)) is not shape for name, shape in shapes.items()):
        tampered(f"record {seq:,} lacks its time or its type", seq)
    return dict(fields)


def milliseconds(seq: int, utc: bytes) -> int:
    try:
        moment = datetime.strptime(utc.decode(), "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        tampered(f"record {seq:,} or the one before it has an invalid time", seq)
    return round((moment - datetime(1970, 1, 1)).total_seconds() * 1000)


class Story:
    """Reads each record once, in order, and collects what to report.

    It searches bodies without parsing: within a text a quote has a backslash, so `"utc":"` can only be a key.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.newer: list[Stop] = []  # records of a later version than this program knows
        self.more = self.erased = self.first_erased = 0
        self.lost = 0  # the record by which an earlier log is gone
        self.erasing: list[tuple[int, bytes, int]] = []  # record, its role in an erasure, erased records
        self.removals: list[tuple[int, int, int, Any]] = []  # record, first, last, root
        self.stopped = False  # the last service record is a stop
        self.before: tuple[int, bytes, bytes] = (0, b"", b"")  # number, body and time of the record before
        self.boot, self.mono = b"", 0  # of the last record that they were parsed from

    def add(
        self, stretch: Stretch, details: list[Details]
    ) -> tuple[Sequence[bytes], dict[int, dict[str, Any]]]:
        """Return the times of present records, and the fields of those that hold a key."""
        numbers, bodies, lines = range(stretch.first, stretch.last + 1), stretch.bodies(), stretch.lines
        ends = END.findall(lines) if isinstance(lines, bytes) else []  # one per body, if all are ordinary
        found: tuple[bytes, ...] = ()
        kinds: Sequence[bytes] = ()
        times: Sequence[bytes] = ()
        if ends:
            found, kinds, times = zip(*ends)
        if found != tuple(map(b"%d".__mod__, numbers)):
            kinds, times = self._each(numbers, bodies)
        for number, salt, raw in details:
            if not stretch.first <= number <= stretch.last:
                raise sqlite3.DatabaseError(OUT_OF_ORDER)
            body = bodies[number - stretch.first]
            raw = raw if type(raw) is bytes else as_bytes(raw)
            if type(salt) is bytes and DETAILS + hexlify(sha256(salt + raw).digest()) + b'"' in body:
                continue
            wrong = "that do not match their hash" if DETAILS in body else "it was written without"
            tampered(f"record {number:,} has details {wrong}", number)
        if not isinstance(lines, bytes) or lines.count(DETAILS) > len(details):
            there = {number for number, _, _ in details}
            for number, body in zip(numbers, bodies):
                if DETAILS in body and number not in there:
                    self.erased += 1
                    self.first_erased = self.first_erased or number
        return times, self._read_events(numbers, bodies, kinds, times)

    def _each(self, numbers: Sequence[int], bodies: list[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """Parse types and times record by record."""
        kinds, times = [], [self.before[2]]
        for number, body in zip(numbers, bodies):
            fields = parsed(number, body, self.newer)
            kinds.append(fields["type"].encode())
            times.append(fields["utc"].encode() or times[-1])
        return kinds, times[1:]

    def _read_events(
        self, numbers: Sequence[int], bodies: list[bytes], kinds: Sequence[bytes], times: Sequence[bytes]
    ) -> dict[int, dict[str, Any]]:
        """Find silences, clock moves, special records and keys."""
        keys: dict[int, dict[str, Any]] = {}
        number, before, earlier = self.before
        in_order = SPECIAL.isdisjoint(kinds) and sorted([earlier, *times]) == [earlier, *times]
        for start in range(0, len(bodies), FEW):
            end = min(start + FEW, len(bodies))
            calm = self._soon(numbers[end - 1], bodies[end - 1], CALM_MS)  # mono_ms never falls in a boot
            for at in range(end if calm and in_order else start, end):
                seq, body, utc = numbers[at], bodies[at], times[at]
                if utc < earlier or not (calm or self._soon(seq, body, SILENCE_MS)):
                    if seq == number + 1 and before:
                        self._compare(seq, before, earlier, body, utc)
                    self.boot, self.mono = boot_of(body), mono_of(seq, body)
                if kinds[at] in SPECIAL:
                    self._special(seq, kinds[at], body, keys)
                number, before, earlier = seq, body, utc
            number, before, earlier = numbers[end - 1], bodies[end - 1], times[end - 1]
        self.before = number, before, earlier
        return keys

    def _soon(self, seq: int, body: bytes, within_ms: int) -> bool:
        """Whether this record is of the same boot, at most `within_ms` after the last parsed one."""
        if not self.boot or self.boot not in body:
            return False
        mono = mono_of(seq, body)
        if mono - self.mono > within_ms:
            return False
        self.mono = mono
        return True

    def _special(self, seq: int, kind: bytes, body: bytes, keys: dict[int, dict[str, Any]]) -> None:
        if kind in KEYS:
            keys[seq] = parsed(seq, body)
        elif kind == b"month_removed":
            self._removal(seq, parsed(seq, body))
        elif kind == b"log_missing":
            self.lost = seq
            self._report(f"Record {seq:,}: this door had another log before, which is gone.")
        else:
            self._of_erasing(seq, kind, body)
        self.stopped = kind == b"service_stopped" or (self.stopped and kind != b"service_started")

    def _compare(self, seq: int, before: bytes, earlier: bytes, body: bytes, utc: bytes) -> None:
        """Report a silence and a moved clock. Between two boots only wall time measures a silence."""
        away = milliseconds(seq, utc) - milliseconds(seq, earlier)
        times, long, cause = f"{text(earlier)} – {text(utc)}", away, CRASH
        if boot_of(before) == boot_of(body):
            long = mono_of(seq, body) - mono_of(seq - 1, before)
            cause = CRASH if type_of(body) == b"service_started" else "unexplained"
            moved = abs(away - long) >= 1000  # records of two threads may be slightly out of order
            unset = False
        else:
            moved = True
            unset = away < -2000 or b'"clock":"untrusted"' in body or b'"clock":"untrusted"' in before
        if away < 0 and moved:
            self._report(
                f"Record {seq:,} has an earlier time than the one before it ({text(utc)} after "
                f"{text(earlier)}); the order is right."
            )
        if long <= SILENCE_MS and not unset:
            return
        kind, last = type_of(body), type_of(before)
        if kind in (b"journal_failed", b"journal_recovered") or last == b"journal_failed":
            cause = "the log could not be written"
        elif self.stopped:
            cause = "the service was stopped"
        length = "of unknown length (the clock was not set)" if unset else f"of {long // 60000:,} min"
        self._report(f"Silence {length} before record {seq:,} ({times}): {cause}.")

    def _removal(self, seq: int, fields: dict[str, Any]) -> None:
        first, last = fields.get("first"), fields.get("last")
        if type(first) is not int or type(last) is not int or not 0 < first <= last < seq:
            tampered(f"record {seq:,} reports removed records without their numbers", seq)
        self.removals.append((seq, first, last, fields.get("root")))
        which = f"{format_runs([(first, last)])} ({fields.get('month')})"
        self._report(f"Records {which} were removed after their retention, as record {seq:,} reports.")

    def _of_erasing(self, seq: int, kind: bytes, body: bytes) -> None:
        if kind == b"person_erased":
            records = parsed(seq, body).get("records")
            self.erasing.append((seq, b"done", records if type(records) is int and records > 0 else 0))
        elif kind == b"operator_action" and any(one in body for one in ASKS_ERASURE):
            self.erasing.append((seq, b"asked", 0))
        elif kind in (b"service_started", b"journal_recovered"):
            self.erasing.append((seq, b"again", 0))

    def check_erasures(self, size: int) -> None:
        """Stop unless signed records up to number `size` report the erasure of all missing details.

        An erasure interrupted by a power cut or a failing disk starts again, and its count is then inexact.
        """
        recorded, waiting, request_seq, exact = 0, 0, 0, True
        for seq, what, records in self.erasing:
            if what == b"asked":
                waiting, request_seq = waiting + 1, seq
            elif what == b"done" and seq <= size:
                recorded, waiting = recorded + records, max(0, waiting - 1)
            elif what == b"again" and waiting and seq <= size:
                exact = False
        if self.erased <= recorded or (recorded and not exact):
            return
        if waiting:
            undecided(f"an erasure, requested in record {request_seq:,}, is not finished; try again later")
        raise Stop(
            INCOMPLETE,
            f"details are missing of {format_count(self.erased)}, the first is record "
            f"{self.first_erased:,}, and signed records report the erasure of {recorded:,}",
            self.first_erased,
        )

    def _report(self, line: str) -> None:
        if len(self.lines) < LINES_AT_MOST:
            self.lines.append(line)
        else:
            self.more += 1

    def report(self) -> list[str]:
        more = [f"{self.more:,} further silences and clock moves."] if self.more else []
        if self.erased:
            times = sum(what == b"done" for _, what, _ in self.erasing)
            are = f"{times:,} erasure{' is' if times == 1 else 's are'} recorded"
            have = "has" if self.erased == 1 else "have"
            more.append(f"The details of {format_count(self.erased)} {have} been erased; {are}.")
        return self.lines + more

    def unrecorded(self, removed: Iterable[tuple[int, int]], size: int) -> Runs:
        """The removed records that no signed record month_removed, up to number `size`, reports."""
        left = []
        for first, last in removed:
            for seq, start, end, _ in sorted(self.removals, key=lambda removal: removal[1]):
                if start <= first <= end and seq <= size:
                    first = end + 1
            if first <= last:
                left.append((first, last))
        return left


def boot_of(body: bytes) -> bytes:
    """The boot with its field name, so that another body can be searched for it."""
    at = body.find(b'"boot":"')
    return body[at : body.find(b'"', at + 8) + 1]


def mono_of(seq: int, body: bytes) -> int:
    at = body.find(b'"mono_ms":') + 10
    digits = body[at : body.find(b",", at)]
    return int(digits) if at > 9 and digits.isdigit() else int(parsed(seq, body)["mono_ms"])


def type_of(body: bytes) -> bytes:
    at = body.find(b'"type":"') + 8
    return body[at : body.find(b'"', at)]


def text(utc: bytes) -> str:
    return utc.decode("ascii", "replace")


# ---- Reading journal.db ---------------------------------------------------------------------------------


OUT_OF_ORDER = "its records are not in the order of their numbers"  # only in a damaged file
PLAIN = (
    "SELECT count(*), group_concat(body, x'0a'), group_concat(leaf, ''), min(filed) "
    "FROM events WHERE seq BETWEEN ? AND ?"
)
UNFILED = "SELECT min(seq) FROM events WHERE seq BETWEEN ? AND ? AND filed = 0"
ROWS = "SELECT seq, body, leaf, filed FROM events WHERE seq BETWEEN ? AND ?"
BESIDE = "SELECT seq, salt, details FROM events WHERE seq BETWEEN ? AND ? AND details IS NOT NULL"
REMOVED = (
    "SELECT seq, NULL, leaf, 1 FROM removed WHERE seq BETWEEN ? AND ? AND NOT EXISTS "
    "(SELECT 1 FROM events WHERE events.seq = removed.seq)"
)
NEXT = (
    "SELECT min(seq) FROM (SELECT min(seq) AS seq FROM events WHERE seq > ?1 UNION ALL "
    "SELECT min(seq) FROM removed WHERE seq > ?1)"
)
NEWEST = "SELECT max(seq) FROM events"
NOTES = "SELECT size, note FROM checkpoints WHERE size BETWEEN ? AND ?"
SPANS = "SELECT low, high FROM spans WHERE id = ?"
POINTED_AT = (
    "SELECT max(seq) FROM (SELECT max(seq) AS seq FROM latest UNION ALL SELECT max(seq) FROM orders_done "
    "UNION ALL SELECT (max(id) + 1) * 1024 FROM spans UNION ALL SELECT max(size) FROM checkpoints)"
)
LOWEST = (
    "SELECT min(seq) FROM (SELECT min(seq) AS seq FROM events UNION ALL SELECT min(seq) FROM removed "
    "UNION ALL SELECT min(size) FROM checkpoints)"
)
SCHEMA = (
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND (type NOT IN "
    "('table', 'index') OR tbl_name NOT IN ('_sqlite_migrations', 'sqlite_stat1', 'sqlite_stat4')) "
    "ORDER BY type, name"
)
Query = Callable[..., list[Any]]


@dataclass(frozen=True)
class Stretch:
    """Consecutive records, either all present or all removed by retention except for their hashes."""

    first: int
    last: int
    lines: Any  # bodies, each with a line feed; None if removed; a list if a body holds a line feed
    leaves: bytes  # the stored hashes, one after the other
    filed: bool = True

    def bodies(self) -> list[bytes]:
        return self.lines[:-1].split(b"\n") if isinstance(self.lines, bytes) else self.lines or []

    def hashes(self) -> list[bytes]:
        """Return the records' hashes; stop at a record that does not match its stored hash."""
        if self.lines is None:
            return [self.leaves[at : at + 32] for at in range(0, len(self.leaves), 32)]
        found = [sha256(b"\x00" + body).digest() for body in self.bodies()]
        if b"".join(found) != self.leaves:
            places = enumerate(found)
            seq = self.first + next(at for at, hash in places if hash != self.leaves[at * 32 : at * 32 + 32])
            tampered(f"record {seq:,} does not match its hash", seq)
        return found

    def cut(self, seq: int) -> tuple[Stretch, Stretch]:
        """Split into the records before `seq` and the rest."""
        at, bodies = seq - self.first, self.bodies()
        return (
            Stretch(self.first, seq - 1, bodies[:at], self.leaves[: at * 32]),
            Stretch(seq, self.last, bodies[at:], self.leaves[at * 32 :]),
        )


def stretches_of(query: Query, first: int, last: int) -> list[tuple[Stretch, list[Details]]]:
    """Read records with their details.

    Most ranges have no gap and no removed record: one query reads them.
    """
    if first > last:
        return []
    count, lines, leaves, filed = query(PLAIN, first, last)[0]
    # An older SQLite cuts group_concat at the first zero byte; then read row by row.
    if count == last - first + 1 and lines and len(leaves) == 32 * count and filed == 1:
        lines += b"\n"
        if lines.count(b"\n") == count:
            return [(Stretch(first, last, lines, leaves), query(BESIDE, first, last))]
    rows = sorted([*query(ROWS, first, last), *query(REMOVED, first, last)], key=lambda row: row[0])
    numbers = [first - 1, *(row[0] for row in rows), last + 1]
    if numbers != sorted(set(numbers)):
        raise sqlite3.DatabaseError(OUT_OF_ORDER)
    found = []
    for _, alike in groupby(enumerate(rows), lambda row: (row[1][0] - row[0], row[1][1] is None, row[1][3])):
        group = [row for _, row in alike]
        lines = None if group[0][1] is None else [as_bytes(row[1]) for row in group]
        leaves = b"".join(
            [leaf if len(leaf) == 32 else bytes(32) for leaf in (as_bytes(row[2]) for row in group)]
        )
        stretch = Stretch(group[0][0], group[-1][0], lines, leaves, bool(group[0][3]))
        found.append((stretch, query(BESIDE, stretch.first, stretch.last) if lines else []))
    return found


def as_bytes(value: Any) -> bytes:
    """Return bytes also for a value of another type, as in a damaged file."""
    return value if isinstance(value, bytes) else str(value).encode()


class Database:
    """journal.db, read step by step; the door may write to it, start or stop meanwhile."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.mode: tuple[object, ...] = ()
        self.connection: sqlite3.Connection | None = None
        self.version = 0

    def read(self, questions: Callable[[Query], Any]) -> Any:
        """Answer the questions from one snapshot."""
        while True:
            if self.connection is None:
                self.mode = self._open_mode()
                self.connection = self._open(str(self.mode[0]))
            self.connection.execute("BEGIN")
            execute = self.connection.execute
            answers = questions(lambda statement, *values: execute(statement, values).fetchall())  # noqa: B023
            self.connection.execute("COMMIT")
            if self._open_mode() == self.mode:
                return answers
            self.close()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def tables(self) -> str:
        """SHA-256 over the schema, without tables of SQLite itself and of the migrations."""
        rows = self.read(lambda query: query(SCHEMA))
        statements = [" ".join(b" ".join(row).decode("utf-8", "replace").split()) for row in rows]
        return sha256("\n".join(statements).encode()).hexdigest()

    def _open_mode(self) -> tuple[object, ...]:
        """Choose how to open the file; a stopped door's journal is immutable."""
        file, wal = self.file.stat(), self.file.with_name(self.file.name + "-wal")
        if not stat.S_ISREG(file.st_mode):
            undecided(f"{self.file} is not a regular file; put the right file there")
        if file.st_size == 0:
            undecided(f"{self.file} is empty")
        if door_is_running(self.file.parent):
            return ("mode=ro", file.st_ino)
        if wal.exists() and wal.stat().st_size:
            undecided(
                f"{self.file} awaits recovery, its last records are in {wal.name}; start the door service"
            )
        return ("mode=ro&immutable=1", file.st_ino, file.st_mtime_ns, file.st_size)

    def _open(self, mode: str) -> sqlite3.Connection:
        with open(self.file, "rb"):  # SQLite would not report the reason of a failure
            pass
        connection = sqlite3.connect(
            f"{self.file.absolute().as_uri()}?{mode}", uri=True, isolation_level=None
        )
        connection.text_factory = bytes
        connection.execute("PRAGMA trusted_schema = OFF")
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if application != APPLICATION_ID:
            undecided(f"{self.file} is a database, but not a journal of Genkan")
        if version < min(TABLES):
            undecided(f"{self.file} was written by a Genkan that did not sign; start the door service once")
        if version not in TABLES:
            undecided(
                f"{self.file} is of version {version}, this program knows {max(TABLES)}; get a newer one"
            )
        self.version = version
        return connection


def door_is_running(folder: Path) -> bool:
    """Whether a door holds its lock on the file "alive", an open-file-description lock of Linux: a write lock
    on the first byte, or, where its user can write neither disk nor file, a read lock on the second.
    """
    if not sys.platform.startswith("linux") or not (folder / "alive").is_file():
        return False
    import fcntl

    with open(folder / "alive", "rb") as file:
        if is_locked(file, fcntl.F_RDLCK, 0):
            return True
        read_only = os.fstatvfs(file.fileno()).f_flag & os.ST_RDONLY
        if not read_only and os.fstat(file.fileno()).st_mode & stat.S_IWUSR:
            return False
        return is_locked(file, fcntl.F_WRLCK, 1)


def is_locked(file: IO[bytes], against: int, byte: int) -> bool:
    """Whether a lock on this byte conflicts with one of this kind."""
    import fcntl

    query = struct.pack("hhqqi0q", against, os.SEEK_SET, byte, 1, 0)
    answer = fcntl.fcntl(file, getattr(fcntl, "F_OFD_GETLK", 36), query)
    return bool(struct.unpack("hhqqi0q", answer)[0] != fcntl.F_UNLCK)


# ---- The other process ----------------------------------------------------------------------------------


class Claims:
    """Checks a log's claims about its records: hashes, roots, signatures. Stops at the first false one.

    Hashing and checking signatures take as long as reading, so another process does them in parallel.
    """

    def __init__(self) -> None:
        self.size = 0  # records so far
        self.tree = MerkleTree()
        self.next: list[tuple[Any, ...]] = []  # functions to call next, with their arguments
        self.helper: ProcessPoolExecutor | None = None
        self.futures: list[Future[None]] = []

    def records(self, stretch: Stretch) -> None:
        """Add the records that follow."""
        self.next.append((add_records, stretch))
        before, self.size = self.size, stretch.last
        if self.size // AT_A_TIME > before // AT_A_TIME:
            self._submit()
            while self.futures and (self.futures[0].done() or len(self.futures) > WAITING):
                self.futures[0].result()  # a failed one stays, so that finish() raises it
                del self.futures[0]

    def root(self, root: bytes, sentence: str, seq: int) -> None:
        self.next.append((check_root, root, sentence, seq))

    def signature(self, key: Key, note: SignedNote, sentence: str) -> None:
        signature = key.public, note.signature_by(key), note.signed_text
        self.next.append((check_signature, *signature, sentence, note.size))

    def finish(self) -> None:
        try:
            if not self.helper:
                return work(self.next, self.tree)
            self._submit()
            for answer in self.futures:
                answer.result()
        finally:
            if self.helper:
                self.helper.shutdown()

    def _submit(self) -> None:
        self.helper = self.helper or ProcessPoolExecutor(1, initializer=lower_priority)
        parts, self.next = self.next, []
        self.futures.append(self.helper.submit(work, parts))


def work(parts: list[tuple[Any, ...]], tree: MerkleTree = MerkleTree()) -> None:
    """Check parts in order; in the other process the default `tree` grows across calls."""
    for do, *arguments in parts:
        do(tree, *arguments)


def add_records(tree: MerkleTree, stretch: Stretch) -> None:
    tree.extend(stretch.hashes())


def check_root(tree: MerkleTree, root: bytes, sentence: str, seq: int) -> None:
    if tree.root() != root:
        tampered(sentence, seq)


def check_signature(
    _: MerkleTree, public: bytes, signature: bytes, text: bytes, sentence: str, seq: int
) -> None:
    if not good_signature(public, signature, text):
        tampered(sentence, seq)


def lower_priority() -> None:
    """Let a door on this machine run first."""
    if hasattr(os, "nice"):
        os.nice(5)


# ---- The command line -----------------------------------------------------------------------------------


def small_text(file: Path) -> str:
    with open(file, "rb") as opened:
        raw = opened.read(SMALL + 1)
    if len(raw) > SMALL:
        undecided(f"{file} is too large to hold just a key or a checkpoint")
    return (
        raw.decode("utf-16" if raw.startswith(UTF_16) else "utf-8", "replace")
        .lstrip("\ufeff")
        .replace("\r\n", "\n")
    )


def read_key(argument: str | None, data: Path | None) -> tuple[Key, str]:
    """Return the trusted key and its source."""
    source = "from --key"
    if argument is None and data is None:
        undecided("the key is missing; add --key with the one shown at set-up")
    if argument is None:
        file = Path(str(data)) / "keys" / "shared" / "log.vkey"
        if not file.exists():
            undecided(f"the key is missing and there is no {file}; add --key with the one shown at set-up")
        argument, source = small_text(file), f"from {file}; compare it with the one kept since set-up"
    elif not argument.startswith("genkan/"):
        argument, source = small_text(Path(argument)), f"from {argument}"
    for word in argument.split():
        try:
            return Key.parse(word), source
        except ValueError:
            continue
    source = source.partition(";")[0]
    undecided(f"the key {source} is not a key or was mistyped: it does not match its own id")


def read_notes(file: Path) -> list[SignedNote]:
    """Find the checkpoints in a file, which may be indented and hold more, such as a QR code."""
    lines = "\n".join(line.strip() for line in small_text(file).split("\n"))
    found = re.finditer(r"^genkan/.*\n\d+\n.+\n(.+\n)*\n(— .+(\n|\Z))+", lines, re.MULTILINE)
    try:
        notes = [SignedNote.parse(one[0].rstrip("\n") + "\n") for one in found]
    except WRONG:
        notes = []
    return notes or undecided(f"{file} holds no checkpoint")


def printable(text: str) -> str:
    """Escape control characters, so that a file name can't make a terminal show another answer."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def answer(
    data: Path | None = None, export: Path | None = None, key: str | None = None,
    checkpoints: Iterable[Path] = (), proof: Path | None = None, grant: int | None = None,
) -> Conclusion:  # fmt: skip
    """Check and answer; never raise. Without folder and export, `checkpoints` must be two."""
    trust, key_text = "No key was trusted.", None
    try:
        trusted, source = read_key(key, data)
        trust, key_text = f"Trusted key: {trusted.text} ({source}).", trusted.text
        kept = [note for file in checkpoints for note in read_notes(file)]
        if export is not None:
            found = verify_export(export, trusted, proof, kept)
        elif data is not None:
            check = FolderCheck(data / "journal" / "journal.db", trusted, kept, grant)
            found = check.verdict()
            if check.story.lost and key is None:
                gone = f"missing the log before record {check.story.lost:,}, which reports that it is gone"
                raise Stop(INCOMPLETE, f"{gone}; to verify only the records here, add --key {trusted.text}")
        elif len(kept) != 2:
            undecided("each of the two files must hold just one checkpoint")
        else:
            found = verify_checkpoints(kept[0], kept[1], trusted)
        if found.code == OK and (data or export):
            more = tuple(f"It extends the kept checkpoint of {format_count(note.size)}." for note in kept)
            found = Conclusion(OK, found.sentence, (*found.lines, *more))
    except Stop as stop:
        found = stop.verdict
    except OSError as error:
        where = error.filename or export or data
        found = Stop(CANNOT_TELL, f"{where} cannot be read ({error.strerror or error})").verdict
    except (sqlite3.Error, UnicodeDecodeError) as error:  # sqlite3 may fail to decode its own message
        found = Stop(CANNOT_TELL, f"{data}/journal/journal.db cannot be read as a database ({error})").verdict
    except Exception as error:  # a hostile file may cause any error, but never OK
        found = Stop(CANNOT_TELL, f"this program failed ({type(error).__name__}: {error})").verdict
    lines = tuple(printable(line) for line in (trust, *found.lines))
    return Conclusion(found.code, printable(found.sentence), lines, found.seq, key_text)


def main(arguments: list[str] | None = None) -> int:
    die_when_interrupted()
    parser = argparse.ArgumentParser(prog="genkan_verify.py", description=(__doc__ or "").partition("\n")[0])
    modes = parser.add_subparsers(metavar="export | folder | checkpoints", required=True)
    export = modes.add_parser("export", help="an export with its proof, or the zip with both")
    export.add_argument("export", metavar="FILE", type=Path)
    export.add_argument(
        "--proof", metavar="FILE", type=Path, help="where the proof is, if not beside the export"
    )
    folder = modes.add_parser("folder", help="the data folder of a door")
    folder.add_argument("data", metavar="DATA", type=Path)
    folder.add_argument(
        "--grant", metavar="NUMBER", type=grant_number, help="show which record gave the right to enter"
    )
    two = modes.add_parser("checkpoints", help="two checkpoints, and the data folder they are of")
    two.add_argument("old", metavar="OLD", type=Path)
    two.add_argument("new", metavar="NEW", type=Path)
    two.add_argument("--data", metavar="DATA", type=Path)
    for mode in (export, folder, two):
        mode.add_argument("--key", help="the log's first public key, or a file that holds it")
    for mode in (export, folder):
        mode.add_argument(
            "--checkpoint", metavar="FILE", dest="checkpoints", action="append", default=[], type=Path
        )
    options = vars(parser.parse_args(arguments))
    if "old" in options:
        options["checkpoints"] = [options.pop("old"), options.pop("new")]
    found = answer(**options)
    return print_answer("\n".join([found.sentence, *found.lines]), found.code)


def grant_number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a record, such as 812")
    return int(text)


def die_when_interrupted() -> None:
    """Let SIGINT kill the process: an unfinished run must not end with an exit status that is an answer."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def print_answer(answer: str, code: int) -> int:
    """Print the answer and return the exit status, also if the reader closes the pipe early."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(answer, flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python's last flush fails
        if not isinstance(error, BrokenPipeError):
            why = error.strerror or error
            print(f"{WORDS[CANNOT_TELL]}: the answer cannot be written ({why}).", file=sys.stderr)
            return CANNOT_TELL
    return code


if __name__ == "__main__":
    sys.exit(main())
