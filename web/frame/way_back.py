"""Paths a form may send us back to: ours only, never another site."""


def safe_path(path: str) -> str:
    """`path` when it surely stays on this site, else "/"."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 2000
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
