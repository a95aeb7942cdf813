"""What operators may ask about rules: edit the draft, publish it, bring back a version, import a file.

The draft binds nothing before it is published, so editing it is not recorded and needs no confirmation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.requests.request import Confirm, ReasonText, Ref, Request, RequestWithBody
from controller.services.rights import Right
from controller.services.rules import books, draft, import_file
from controller.services.rules import draft_changes as changes
from controller.services.rules.file import MOST_BYTES
from controller.services.rules.import_file import Imported

# A part of a rule book as model/rule_book_form.py writes it, which checks each value when it reads it.
Part = Mapping[Ref, Any]
Renamed = Mapping[Ref, Ref]
_PUBLISHES = frozenset({ActionType.RULES_PUBLISHED, ActionType.PERSON_CHANGED})
_NOTHING = frozenset[ActionType]()


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraftArea(Request[None]):
    """`part` holds one area. `seen` is the mark of the area that the operator edited; empty for a new one."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.NEVER
    actions = _NOTHING

    part: Part
    seen: Ref = ""

    def handle(self, acting: Acting) -> None:
        part = changes.read_part(dict(self.part))
        area = changes.the_only(part.areas)
        draft.edit(acting, changes.with_area(part), draft.area(area.name), self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDraftArea(Request[None]):
    right = Right.PUBLISH_RULES
    confirm = Confirm.NEVER
    actions = _NOTHING

    area: Ref
    seen: Ref = ""

    def handle(self, acting: Acting) -> None:
        draft.edit(acting, changes.without_area(self.area), draft.area(self.area), self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraftDoor(Request[None]):
    """`part` holds one door."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.NEVER
    actions = _NOTHING

    part: Part
    seen: Ref = ""

    def handle(self, acting: Acting) -> None:
        door = changes.the_only(changes.read_part(dict(self.part)).doors)
        draft.edit(acting, changes.with_door(door), draft.door(door.door), self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraftCategories(Request[None]):
    """`part` holds all categories. `renamed`: earlier code to new code."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.NEVER
    actions = _NOTHING

    part: Part
    renamed: Renamed = field(default_factory=dict)
    seen: Ref = ""

    def handle(self, acting: Acting) -> None:
        change = changes.with_categories(changes.read_part(dict(self.part)), self.renamed)
        draft.edit(acting, change, draft.categories, self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraftQualifications(Request[None]):
    """`part` holds all qualifications."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.NEVER
    actions = _NOTHING

    part: Part
    seen: Ref = ""

    def handle(self, acting: Acting) -> None:
        change = changes.with_qualifications(changes.read_part(dict(self.part)))
        draft.edit(acting, change, draft.qualifications, self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft(Request[None]):
    """`seen` is the draft's mark as the operator saw it."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.NEVER
    actions = _NOTHING

    seen: Ref = ""

    def handle(self, acting: Acting) -> None:
        draft.discard(acting, self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDraft(Request[int]):
    """Returns the version. `seen` as in DiscardDraft; `moves`: removed category to its replacement."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.EACH_TIME
    actions = _PUBLISHES

    seen: Ref
    note: ReasonText = ""
    heed_warnings: bool = True
    moves: Renamed = field(default_factory=dict)

    def handle(self, acting: Acting) -> int:
        return draft.publish(acting, self.seen, self.note, heed_warnings=self.heed_warnings, moves=self.moves)


@dataclass(frozen=True, slots=True, kw_only=True)
class BringBackRules(Request[int]):
    """Publishes an earlier version again; returns the new one. `seen`: the version in force that it was
    compared with, or empty."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.EACH_TIME
    actions = _PUBLISHES

    version: int
    note: ReasonText = ""
    heed_warnings: bool = True
    moves: Renamed = field(default_factory=dict)
    seen: Ref = ""

    def handle(self, acting: Acting) -> int:
        return books.publish(
            acting,
            books.book(acting, self.version),
            self.note,
            heed_warnings=self.heed_warnings,
            moves=self.moves,
            seen=self.seen,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules(RequestWithBody[Imported]):
    """The body is a file of rules, with its schedules and access levels."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.EACH_TIME
    actions = _PUBLISHES | {
        ActionType.LEVEL_ADDED,
        ActionType.LEVEL_CHANGED,
        ActionType.SCHEDULE_ADDED,
        ActionType.SCHEDULE_CHANGED,
    }
    body_most = MOST_BYTES + 1  # the reader of the file refuses one that is too long, in its own words

    note: ReasonText = ""
    heed_warnings: bool = True
    moves: Renamed = field(default_factory=dict)

    def handle_body(self, acting: Acting, body: bytes) -> Imported:
        return import_file.import_rules(
            acting, body, self.note, heed_warnings=self.heed_warnings, moves=self.moves
        )


RULE_REQUESTS: tuple[type[Request[Any]], ...] = (
    SaveDraftArea,
    RemoveDraftArea,
    SaveDraftDoor,
    SaveDraftCategories,
    SaveDraftQualifications,
    DiscardDraft,
    PublishDraft,
    BringBackRules,
    ImportRules,
)
