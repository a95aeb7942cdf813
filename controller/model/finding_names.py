"""Names in a finding: spelled as in the file, with their kind, so that a page can show the label instead."""


class NamedInFile(str):
    """A name, spelled as in the file."""

    __slots__ = ()


class CategoryName(NamedInFile):
    __slots__ = ()


class QualificationName(NamedInFile):
    __slots__ = ()


class AreaName(NamedInFile):
    __slots__ = ()


class PlaceName(NamedInFile):
    """A door or an access point."""

    __slots__ = ()


class NameList(tuple[str, ...]):
    """Several names, joined by commas as text."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self)
