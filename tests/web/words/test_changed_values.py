import pytest

from controller.config import Config
from controller.model.events import Json
from tests.web.words.test_change_rows import lines


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("status", "suspended", "状態: 停止中"),
        ("role", "auditor", "役割: 監査担当"),
        ("language", "en", "言語: English"),
        ("door", "entrance", "ドア: 入口"),
        ("windows", ["4 22:00-06:00"], "時間: 金 22:00-06:00"),
        ("rules", ["entrance-in: always"], "通行ルール: entrance-in: 常時"),
        ("last_four", "BEEF", "カード: …BEEF"),
        ("something_new", {"a": True}, "something_new: a: はい"),
        ("status", "unheard of", "状態: unheard of"),
        ("sections", ["granted", "denied"], "結果: 許可、拒否"),
        ("from", "2026-11-24T15:00:00+00:00", "開始: 2026-11-25 00:00"),
        ("valid_until", "2026-11-24T15:00:00.000Z", "有効終了: 2026-11-25 00:00"),
        ("format", "jsonl", "形式: JSON Lines"),
        ("person", "0123456789abcdef", "登録者: （消去済み）"),
    ],
)
def test_codes_are_words(config: Config, key: str, value: Json, text: str) -> None:
    assert lines(config, None, {key: value}, language="ja") == [text]
