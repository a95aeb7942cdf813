"""Checkpoints of the log as signed notes, the text form that public transparency log witnesses accept.

Sources: C2SP signed-note and tlog-checkpoint; Ed25519 is RFC 8032. Only signing and checking a note import
`cryptography`, so the door starts without it.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

_ED25519 = b"\x01"
_MARK = "— "  # em dash and a space


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name it signs under; `str` gives C2SP's vkey form, which fits on paper."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_text(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Parse a vkey; raise ValueError unless it holds an Ed25519 key and its id matches."""
        name, plus, rest = text.strip().partition("+")
        id_hex, _, key = rest.partition("+")
        raw = _bytes(key)
        if not name or not plus or raw[:1] != _ED25519 or len(raw) != 33:
            raise ValueError("not a verifier key of the form name+id+key")
        found = cls(name, raw[1:])
        if found.id.hex() != id_hex:
            raise ValueError("the verifier key does not match its id")
        return found


@dataclass(frozen=True)
class Checkpoint:
    """`extensions` are lines without line ends; `note` is the whole signed text."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...]
    note: str


def checkpoint_body(origin: str, size: int, root: bytes, extensions: Sequence[str] = ()) -> str:
    return "".join(f"{line}\n" for line in (origin, str(size), _text(root), *extensions))


def sign_note(body: str, name: str, private: bytes) -> str:
    """Sign the body and return the whole note; `private` is the 32-byte seed of RFC 8032."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    signature = Ed25519PrivateKey.from_private_bytes(private).sign(body.encode())
    key = VerifierKey(name, public_of(private))
    return f"{body}\n{_MARK}{name} {_text(key.id + signature)}\n"


def parse_checkpoint(note: str) -> Checkpoint:
    """Trust nothing of the result before `is_signed_by`. Raise ValueError for a malformed note."""
    body, _ = _split(note)
    lines = body.split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise ValueError("a checkpoint must have an origin, a size and a root")
    origin, size, root = lines[0], lines[1], _bytes(lines[2])
    if not (size.isascii() and size.isdigit()) or str(int(size)) != size or len(root) != 32:
        raise ValueError("a checkpoint's size must be a number and its root 32 bytes")
    return Checkpoint(origin=origin, size=int(size), root=root, extensions=tuple(lines[3:]), note=note)


def is_signed_by(note: str, key: VerifierKey) -> bool:
    """Return whether this key signed the note; ignore other signatures, such as those of witnesses."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    body, signatures = _split(note)
    for line in signatures:
        name, _, encoded = line.removeprefix(_MARK).partition(" ")
        raw = _bytes(encoded)
        if name == key.name and raw[:4] == key.id:
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], body.encode())
                return True
            except InvalidSignature:
                return False
    return False


def prepare() -> None:
    """Import what signing needs, so that the first signature does not wait for it."""
    import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401


def public_of(private: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _split(note: str) -> tuple[str, list[str]]:
    body, blank, rest = note.rpartition("\n\n")
    lines = rest.split("\n")
    if not blank or lines.pop() != "" or not lines or not all(line.startswith(_MARK) for line in lines):
        raise ValueError("not a signed note")
    return body + "\n", lines


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
