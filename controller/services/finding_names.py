"""Names in a finding: as the file writes them, and of a kind, so that a page can give the label instead."""

from controller.model.rule_book import RuleName


class Word(str):
    """As the file writes it."""

    __slots__ = ()


class CategoryName(Word):
    __slots__ = ()


class QualificationName(Word):
    __slots__ = ()


class AreaName(Word):
    __slots__ = ()


class PlaceName(Word):
    """A door or an access point."""

    __slots__ = ()


class NameList(tuple[Word | RuleName, ...]):
    """Several of them."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)
