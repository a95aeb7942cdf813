"""Keys that badges prove: import from the issuing station's file, list, remove.

`check` reads the file and `publish` puts it in force. A malformed line makes `check` refuse the whole file. A
line for another door, or for a card that is nobody's badge, is left out and reported. Of several lines about
one card the newest version counts, and of those with the same version the last line.
"""

import hashlib
import re
from dataclasses import dataclass

from controller.errors import N_, BadInput, Conflict, InstallerError, NotFound
from controller.issuing import chips, door_key
from controller.issuing.issue_file import LARGEST, BadLine, IssuedKey, lines_of, parse
from controller.issuing.signing import PUBLIC_BYTES, is_same_id, station_id
from controller.issuing.wrapping import WRAPPED_BYTES, DoorPublicKey
from controller.model.credentials import Assurance, CredentialStatus
from controller.model.events import Json
from controller.model.import_codes import ImportCode
from controller.model.orders import ActionType
from controller.registry import badges, issuing_station
from controller.registry import card_keys as rows
from controller.registry.badges import BadgeRow
from controller.registry.card_hash import card_hash
from controller.registry.card_keys import WrappedKey
from controller.registry.database import Connection, new_reference
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.people.badge import Badge, build_badge, require_badge
from controller.services.people.import_notes import MAX_NOTES, LineProblem
from controller.services.rights import Right
from controller.services.site import Site

MAX_BYTES = LARGEST
MAX_LINES = 20_000


@dataclass(frozen=True, slots=True)
class KeyChange:
    """`before` is the badge's present key version; None: it counts by its number. `was_usable` is False if
    this door cannot use that key.
    """

    line: int
    person_name: str
    last_four: str
    before: int | None
    after: int
    was_usable: bool = True


@dataclass(frozen=True, slots=True)
class KeysReport:
    """`import_id` is set if there is something to put in force: pass it to `publish`.

    `remaining_unusable` counts the badges whose key this door cannot use and that the file does not contain:
    the door refuses them on the way in once the file is in force. While `by_number_until_then` is set they
    count by their number until that moment.

    `station` is the public key of the station that signed the last line for this door, set only if this door
    does not trust it yet: the file is then refused until an operator trusts that station. Earlier lines by
    other stations are left out, and reported where no line with the same or a newer version replaces them:
    after a key rotation the station is another one. `signed_by` is the ID of the station of that last line,
    trusted or not.
    """

    changes: tuple[KeyChange, ...] = ()  # the first 100
    change_count: int = 0
    same: int = 0  # lines that match the present keys
    skipped: tuple[LineProblem, ...] = ()  # the first 100
    skipped_count: int = 0
    problems: tuple[LineProblem, ...] = ()  # the first 100
    problem_count: int = 0
    import_id: str | None = None
    remaining_unusable: int = 0
    by_number_until_then: bool = False
    station: str = ""
    signed_by: str = ""

    @property
    def station_id(self) -> str:
        return station_id(self.station) if self.station else ""

    @property
    def nothing_fits(self) -> bool:
        """No line can be put in force and none matches a present key: the file is refused."""
        return (
            not self.problem_count and bool(self.skipped_count) and self.import_id is None and not self.same
        )


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """`key_version` None: the badge has no key and counts by its number.

    `usable`: the key is wrapped to this door and has the length of a key. Only the door can find out whether
    it unwraps, at the tap (event `card_keys_unusable`). The door refuses a badge without a usable key on the
    way in, or counts it `by_number` while it can use no key at all.
    """

    badge: Badge
    key_version: int | None
    chip: str
    bought: int | None
    usable: bool
    by_number: bool
    chip_doubtful: bool

    @property
    def can_be_recorded(self) -> bool:
        """Whether a message secretly read from the card admits somebody once, until its holder taps."""
        return self.chip == chips.NTAG_424

    @property
    def chip_name(self) -> str:
        return chips.chip_name(self.chip) if self.chip else ""


def door_public_key(acting: Acting) -> DoorPublicKey:
    """The public key that the station wraps card keys to. Raise InstallerError if there is none yet."""
    acting.require(Right.VIEW_PEOPLE)
    return door_key.load_public(acting.site.config.data / "keys")


def check(acting: Acting, content: bytes, expected: str | None = None) -> KeysReport:
    """The dry run; it replaces an earlier one that was not put in force.

    If another station than the one with the ID `expected` signed the file, nothing is staged: compare
    `expected` with the report's `signed_by`.
    """
    acting.require(Right.EDIT_PEOPLE)
    door = door_key.load_public(acting.site.config.data / "keys")
    station: str | None = None
    strangers: list[tuple[bytes, int, IssuedKey]] = []
    for_this_door: list[tuple[bytes, int, IssuedKey]] = []
    problems: list[LineProblem] = []
    read: dict[bytes, tuple[int, IssuedKey]] = {}
    skipped: list[LineProblem] = []
    if len(content) > MAX_BYTES:
        raise BadInput(
            "file", N_("The file is larger than {most} MB; split it."), most=MAX_BYTES // 1_000_000
        )
    lines = list(lines_of(content))
    if len(lines) > MAX_LINES:
        raise BadInput("file", N_("The file has more than {most} lines; split it."), most=MAX_LINES)
    for number, line in lines:
        try:
            issued = parse(line)
        except BadLine as error:
            problems.append(LineProblem(number, error.code, {}))
            continue
        if issued.door != door.id:
            fields = {"last_four": issued.number.last_four, "other": issued.door, "own": door.id}
            skipped.append(LineProblem(number, ImportCode.KEY_FOR_ANOTHER_DOOR, fields))
            continue
        station = issued.station
        for_this_door.append((card_hash(acting.site.key, issued.number), number, issued))
    if problems:
        return KeysReport(problems=tuple(problems[:MAX_NOTES]), problem_count=len(problems))
    signed_by = station_id(station) if station is not None else ""
    with acting.site.registry.housekeeping() as db:
        trusted = issuing_station.trusted_station(db)  # in the transaction that stages: see trust_station
        for hash_, number, issued in for_this_door:
            if issued.station != trusted:
                strangers.append((hash_, number, issued))
            elif hash_ not in read or read[hash_][1].version <= issued.version:
                read[hash_] = number, issued
        is_expected = expected is None or is_same_id(signed_by, expected)
        if station is not None and (station != trusted or not is_expected):
            strange = station if station != trusted else ""
            return KeysReport(station=strange, signed_by=signed_by)
        skipped += [
            _by_a_stranger(number, issued)
            for hash_, number, issued in strangers
            if hash_ not in read or read[hash_][1].version < issued.version
        ]
        if not read and not skipped:
            raise BadInput(
                "file", N_("The file contains no keys; choose the one that `genkan issue card` wrote.")
            )
        same, wanted, changes = 0, [], []
        for hash_, (number, issued) in sorted(read.items(), key=lambda item: item[1][0]):
            key = _wrapped(issued)
            held = badges.badge_with_hash(db, hash_)
            before = rows.wrapped_key(db, hash_)
            if (why_not := _not_for(held, before, issued)) is not None:
                skipped.append(LineProblem(number, why_not, {"last_four": issued.number.last_four}))
            elif before == key:
                same += 1
            elif held is not None:
                wanted.append((hash_, key))
                version = None if before is None else before.version
                usable = before is None or _is_usable(before, door.id)
                changes.append(
                    KeyChange(
                        line=number,
                        person_name=held.person_name,
                        last_four=held.last_four,
                        before=version,
                        after=key.version,
                        was_usable=usable,
                    )
                )
        import_id = new_reference() if wanted else None
        unusable = {hash_ for hash_, key in rows.all_keys(db) if not _is_usable(key, door.id)}
        unusable_count = len(unusable - {hash_ for hash_, _ in wanted})
        by_number = _none_is_own(db, door.id)
        if import_id is not None:
            rows.stage(
                db,
                import_id,
                operator_id=acting.operator.id,
                utc=acting.moment.utc,
                content_hash=hashlib.sha256(content).hexdigest(),
                keys=wanted,
            )
    return KeysReport(
        changes=tuple(changes[:MAX_NOTES]),
        change_count=len(changes),
        same=same,
        skipped=tuple(sorted(skipped, key=lambda one: one.line)[:MAX_NOTES]),
        skipped_count=len(skipped),
        import_id=import_id,
        remaining_unusable=unusable_count,
        by_number_until_then=by_number,
        signed_by=signed_by,
    )


def publish(acting: Acting, import_id: str) -> int:
    """Put the checked keys in force in one transaction; return the number of badges.

    From the next tap on these badges must prove their key. A badge that was reported lost or got a newer key
    since the check stays unchanged; raise Conflict if no other badge remains.
    """
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.write() as db:
        found = rows.staged(db, import_id, acting.operator.id)
        if found is None:
            raise Conflict(N_("The checked file no longer exists; choose the file and check it again."))
        content_hash, wanted = found
        done = sum(
            _set_key(acting, db, hash_=hash_, key=key, content_hash=content_hash) for hash_, key in wanted
        )
        if not done:
            raise Conflict(
                N_("All these badges were changed since the file was checked; check the file again.")
            )
        rows.forget_staged(db, import_id)
    return done


def trusted_station(acting: Acting) -> str:
    """The ID of the trusted station, whose files can be imported; empty before the first."""
    acting.require(Right.VIEW_PEOPLE)
    return station_id(trusted) if (trusted := _trusted(acting.site)) else ""


def trust_station(acting: Acting, public_key: str) -> None:
    """Trust the station with this public key (hex), and no other, from now on.

    Discards all checked imports, since the station trusted before had signed them.
    """
    acting.require(Right.EDIT_PEOPLE)
    if not re.fullmatch(f"[0-9a-f]{{{2 * PUBLIC_BYTES}}}", public_key):
        raise BadInput("station", N_("This is not a station's key; choose the file and check it again."))
    with acting.site.registry.write() as db:
        before = issuing_station.trusted_station(db)
        issuing_station.trust(db, public_key, acting.moment.utc)
        rows.forget_all_staged(db)  # signed by the station trusted before
        acting.record(
            db,
            ActionType.ISSUING_STATION_TRUSTED,
            "issuing_station",
            before={"station": station_id(before) if before else None},
            after={"station": station_id(public_key)},
        )


def _trusted(site: Site) -> str | None:
    with site.registry.read() as db:
        return issuing_station.trusted_station(db)


def discard(acting: Acting, import_id: str) -> None:
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.housekeeping() as db:
        rows.forget_staged(db, import_id)


def inventory(acting: Acting) -> tuple[InventoryRow, ...]:
    """Every badge and its key, in the order of the people's names."""
    acting.require(Right.VIEW_PEOPLE)
    own = _own_id(acting.site)
    with acting.site.registry.read() as db:
        none_is_own = _none_is_own(db, own)
        return tuple(
            _row(acting.site, row, held.key, own, none_is_own=none_is_own)
            for held in rows.all_held(db)
            if (row := badges.badge(db, held.badge_id)) is not None
        )


def of_badge(acting: Acting, badge_id: str) -> InventoryRow:
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        row = require_badge(badges.badge(db, badge_id))
        own = _own_id(acting.site)
        return _row(
            acting.site,
            row,
            key=rows.wrapped_key_of_badge(db, badge_id),
            own=own,
            none_is_own=_none_is_own(db, own),
        )


def forget(acting: Acting, badge_id: str, reason: str = "") -> Badge:
    """Remove the badge's key: it counts by its number again, at doors that accept a number."""
    acting.require(Right.EDIT_PEOPLE)
    why = typed_texts.reason_text(reason)
    with acting.site.registry.write() as db:
        row = badges.badge(db, badge_id)
        hash_ = badges.hash_of(db, badge_id)
        held = rows.wrapped_key_of_badge(db, badge_id)
        if row is None or hash_ is None or held is None:
            raise NotFound(N_("This badge has no key to remove."))
        rows.remove_key(db, hash_)
        acting.record(
            db,
            ActionType.BADGE_KEY_REMOVED,
            "badge",
            badge_id,
            before=_audit_fields(held),
            after=_audit_fields(None),
            reason=why,
            about=_about(row),
        )
        after = badges.badge(db, badge_id)
    assert after is not None  # noqa: S101 - it was there in this transaction
    return build_badge(acting.site, after)


def _wrapped(issued: IssuedKey) -> WrappedKey:
    return WrappedKey(
        version=issued.version,
        wrapped=issued.wrapped,
        door=issued.door,
        chip=issued.chip,
        bought=issued.bought,
    )


def _by_a_stranger(number: int, issued: IssuedKey) -> LineProblem:
    fields = {"last_four": issued.number.last_four, "other": station_id(issued.station)}
    return LineProblem(number, ImportCode.KEY_BY_A_STRANGER, fields)


def _not_for(held: BadgeRow | None, before: WrappedKey | None, issued: IssuedKey) -> ImportCode | None:
    if held is None:
        return ImportCode.CARD_NOT_ENROLLED
    if held.status is CredentialStatus.LOST:
        return ImportCode.CARD_LOST
    if before is not None and before.version > issued.version:
        return ImportCode.KEY_OLDER
    if before is not None and _is_another(before, _wrapped(issued)):
        return ImportCode.KEY_DIFFERS
    return None


def _is_another(before: WrappedKey, key: WrappedKey) -> bool:
    """Whether `key` is a different wrapping with the same version for the same door.

    Only the door can find out whether both contain the same key, so the import never replaces a good one."""
    return (before.version, before.door) == (key.version, key.door) and before.wrapped != key.wrapped


def _set_key(acting: Acting, db: Connection, hash_: bytes, key: WrappedKey, content_hash: str) -> bool:
    held = badges.badge_with_hash(db, hash_)
    before = rows.wrapped_key(db, hash_)
    if held is None or held.status is CredentialStatus.LOST:
        return False
    if before is not None and (before.version > key.version or _is_another(before, key)):
        return False
    rows.save_key(db, hash_, key, acting.moment.utc)
    acting.record(
        db,
        ActionType.BADGE_KEY_SET,
        "badge",
        held.id,
        before=_audit_fields(before),
        after={**_audit_fields(key), "content_sha256": content_hash},
        about=_about(held),
    )
    return True


def _audit_fields(key: WrappedKey | None) -> dict[str, Json]:
    """The fields for the record of a change; never the key, not even wrapped."""
    proves = Assurance.NUMBER_ONLY if key is None else Assurance.CARD_KEY
    return {"assurance": int(proves), "key_version": None if key is None else key.version}


def _about(row: BadgeRow) -> dict[str, Json]:
    return {"person": row.person_name, "last_four": row.last_four}


def lose_key(db: Connection, badge_id: str) -> tuple[dict[str, Json], dict[str, Json]]:
    """Remove a lost badge's key, within the caller's write. Return the fields for its record."""
    held, hash_ = rows.wrapped_key_of_badge(db, badge_id), badges.hash_of(db, badge_id)
    if held is None or hash_ is None:
        return {}, {}
    rows.remove_key(db, hash_)
    return _audit_fields(held), _audit_fields(None)


def _own_id(site: Site) -> str | None:
    try:
        return door_key.load_public(site.config.data / "keys").id
    except InstallerError:
        return None


def _row(
    site: Site, row: BadgeRow, key: WrappedKey | None, own: str | None, none_is_own: bool
) -> InventoryRow:
    if key is None:
        return InventoryRow(
            badge=build_badge(site, row),
            key_version=None,
            chip="",
            bought=None,
            usable=False,
            by_number=True,
            chip_doubtful=False,
        )
    doubtful = chips.may_be_from_before_2018(key.chip, key.bought)
    usable = _is_usable(key, own)
    return InventoryRow(
        badge=build_badge(site, row),
        key_version=key.version,
        chip=key.chip,
        bought=key.bought,
        usable=usable,
        by_number=none_is_own,
        chip_doubtful=doubtful,
    )


def _none_is_own(db: Connection, own: str | None) -> bool:
    """Whether no key is wrapped to this door (restore to another box): then all badges count by number."""
    return rows.wrapped_elsewhere(db, "") == rows.wrapped_elsewhere(db, own or "")


def _is_usable(key: WrappedKey, own: str | None) -> bool:
    return key.door == own and len(key.wrapped) == WRAPPED_BYTES
