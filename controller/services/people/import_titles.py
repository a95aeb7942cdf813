"""Column titles that an import accepts: the words of the pages in both languages, and other common ones."""

from collections.abc import Mapping

from controller.errors import N_, BadInput
from controller.registry.name_folding import folded

# The first title of each is the code; the second is what a message adds in Japanese.
TITLES: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "氏名", "名前", "登録者", "person", "holder", "full name", "お名前", "社員名"),
    "kana": (
        "kana",
        "よみ",
        "reading",
        "読み",
        "読み仮名",
        "よみがな",
        "フリガナ",
        "カナ",
        "氏名カナ",
        "氏名よみ",
    ),
    "idm": (
        "idm",
        "カード番号",
        "card number",
        "カード",
        "badge",
        "badges",
        "number",
        "番号",
        "バッジ",
        "card",
    ),
    "kind": ("kind", "カードの種類", "badge kind", "kind of badge", "カード種別"),
    "bits": ("bits", "ビット数", "count of bits"),
    "level": (
        "level",
        "通行権限",
        "access level",
        "access levels",
        "levels",
        "アクセスレベル",
        "権限",
        "入室権限",
    ),
    "category": ("category", "区分", "職種", "社員区分", "カテゴリ", "カテゴリー"),
    "valid_from": ("valid_from", "有効開始日", "有効開始", "first day", "開始日", "from", "開始"),
    "valid_until": (
        *("valid_until", "有効終了日", "有効終了", "last day", "終了日", "until", "終了"),
        *("有効期限", "有効", "valid to"),
    ),
}
NEEDED = ("name", "idm")


def _key(title: str) -> str:
    """Fold the title: case, width, spaces, the kind of kana, hyphens and underscores don't matter."""
    return folded(title).replace("_", "").replace("-", "")


_FIELDS = {_key(title): field for field, titles in TITLES.items() for title in titles}


def column_name(field: str) -> str:
    """The column's name in messages: name (氏名)."""
    code, japanese, *_ = TITLES[field]
    return f"{code} ({japanese})"


def fields_of(titles: list[str]) -> list[str]:
    """The field of each title. Raise BadInput for unknown, doubled or missing columns."""
    unknown = [title.strip()[:50] for title in titles if _key(title) not in _FIELDS]
    if unknown:
        raise BadInput(
            "file",
            N_("The file has unknown columns: {titles}. Valid columns are {known}."),
            titles=", ".join(f"“{title}”" for title in unknown),
            known=", ".join(column_name(field) for field in TITLES),
        )
    fields = [_FIELDS[_key(title)] for title in titles]
    for field in fields:
        if fields.count(field) > 1:
            raise BadInput(
                "file", N_("The column {column} appears twice; remove one."), column=column_name(field)
            )
    for field in NEEDED:
        if field not in fields:
            raise BadInput(
                "file", N_("The column {column} is missing in the first line."), column=column_name(field)
            )
    return fields


def delimiter_of(first_line: str) -> str:
    """A comma, or the tab or semicolon that the first line has instead."""
    return next((one for one in (",", "\t", ";") if one in first_line), ",")
