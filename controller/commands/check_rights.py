"""`genkan check`, the line "rights": whether registry and log agree on who has which rights."""

import contextlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from controller.config import Config
from controller.errors import GenkanError, RegistrarNeeded
from controller.model.recorded_rights import SubjectKind
from controller.model.registry_mark import rollback_cause

if TYPE_CHECKING:
    from controller.services.backup.registry_comparison import NamedSubject, RegistryComparison

_NAMED_AT_MOST = 10
_KINDS: Mapping[SubjectKind, str] = {
    SubjectKind.PERSON: "person",
    SubjectKind.BADGE: "badge",
    SubjectKind.PIN: "PIN of",
    SubjectKind.LEVEL: "level",
    SubjectKind.SCHEDULE: "schedule",
    SubjectKind.DAYS: "holidays",
    SubjectKind.RULES: "rules",
    SubjectKind.LOCKDOWNS: "lockdowns",
    SubjectKind.OPERATOR: "account",
    SubjectKind.STATION: "issuing station",
}
_NAMED_KINDS = frozenset(_KINDS) - {
    SubjectKind.DAYS,
    SubjectKind.RULES,
    SubjectKind.LOCKDOWNS,
    SubjectKind.STATION,
}
_REMEDY = (
    "find out who changed it, correct it on the web, or accept it as it is (`genkan registry`, `genkan "
    "registry accept`)"
)


def check_rights(config: Config) -> str:
    """Raise GenkanError where they differ. What cannot be read fails in its own line."""
    from controller.registry.card_hash import load_key
    from controller.registry.lookup import Lookup
    from controller.runtime.clock import Clock
    from controller.services.backup.registry_comparison import comparison
    from controller.services.requests.link import Direct
    from controller.services.site import Site
    from web.words.causes import ROLLBACK_CAUSES

    if not (config.data / "journal" / "journal.db").is_file():
        return "not compared, because there is no log yet"
    key = None
    with contextlib.suppress(GenkanError):
        key = load_key(config.data / "keys")
    try:
        with (
            closing(Lookup(config.data / "registry" / "registry.db")) as lookup,  # refuses foreign content
            Site.open_to_read(config, Clock().now, Direct()) as site,
        ):
            mark = site.journal.registry_mark()
            cause = None if mark is None else rollback_cause(mark, lookup.found_registry(mark, key))
            wrong, found = [], None
            if site.journal.rights_are_complete():
                wrong = sorted(site.journal.wrong_rights_in_force())
                with contextlib.suppress(RegistrarNeeded):
                    found = comparison(site, key)
    except GenkanError:
        return "not compared, because the registry or the log cannot be read"
    if cause is not None:
        raise GenkanError(
            f"registry.db was replaced: {ROLLBACK_CAUSES[cause]}{_differing(found, '; it differs in ')}. Put "
            "the newest one back, or accept this one as it is (`genkan registry`, `genkan registry accept`)."
        )
    if wrong:
        raise GenkanError(
            f"The log's own table of rights differs from its records in {len(wrong)} places "
            f"({some(wrong)}); verify the log with `genkan log verify`, and restore a backup."
        )
    if found is None:
        return "not compared, because the log does not hold all rights yet, or the registrar has yet to start"
    if found.differing and not found.waiting:
        raise GenkanError(f"No record gives the rights of {_differing(found)}; {_REMEDY}.")
    if found.differing:
        return f"the door has yet to record {found.waiting} actions"
    return "the registry gives nobody rights that the log does not record"


def _differing(found: "RegistryComparison | None", before: str = "") -> str:
    """Empty where nothing differs."""
    if found is None or not found.differing:
        return ""
    return f"{before}{found.differing} ({some(list(map(_name, found.named)))})"


def _name(one: "NamedSubject") -> str:
    kind, id_ = one.subject
    return f"{_KINDS[kind]} {one.name or id_}" if kind in _NAMED_KINDS else _KINDS[kind]


def some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED_AT_MOST]) + (" …" if len(names) > _NAMED_AT_MOST else "")
