"""The sheet in the zip of an export: how to check it at home, in both languages."""

VERIFY_NAME = "HOW-TO-VERIFY.txt"
NO_PROOF_NAME = "NO-PROOF.txt"

_VERIFY = """\
エクスポートの検証方法
======================
この ZIP には、入退室ログのファイル {data} と、その証明 {data}.proof が入っています。
1. genkan_verify.py を入手します（Genkan の画面「記録の証明」または Genkan の配布ページ）。
   必要なもの：Python 3.9 以上と cryptography（pip install cryptography）。ネットワーク接続は不要です。
2. 最初の公開鍵は、設置時に印刷して金庫に保管したものを使います。
   この ZIP や画面に書かれた鍵だけを信用しないでください。金庫の鍵と一文字ずつ照合してください。
3. 実行します：
   python genkan_verify.py export {zip} --key 金庫の鍵
4. 答え（終了コード）：
   OK 0           署名されたとおりのもので、改変はありません。一部だけの書き出しなら「filtered」と出ます。
   Tampered 1     改変されています（最初の不正な記録の番号が出ます）。
   2              使い方の誤り。
   Incomplete 3   記録が欠けています（欠けた番号が出ます）。
   Cannot tell 4  判断できません（鍵がない、署名がない、別の装置のものなど）。OK とは見なさないでください。

How to verify this export
=========================
This zip holds {data}, a part or all of the entry log, and its proof, {data}.proof.
1. Get genkan_verify.py (page "Proof of the log" of Genkan, or Genkan's release page).
   It needs Python 3.9 or later and cryptography (pip install cryptography), and no network.
2. Use the first public key that was printed at set-up and lies in the safe.
   Do not trust a key out of this zip or off a page by itself: compare it with the one in the safe,
   letter by letter.
3. Run:
   python genkan_verify.py export {zip} --key THE-KEY-FROM-THE-SAFE
4. The answer and the exit status:
   OK 0           as it was signed, nothing changed. A part of the log is called "filtered".
   Tampered 1     something was changed (the first bad record is named).
   2              wrong usage.
   Incomplete 3   records are missing (their numbers are named).
   Cannot tell 4  no key, no signature, another device …: never take this for OK.
"""

_NO_PROOF = """\
この書き出しには証明がありません
================================
ドア制御が署名しませんでした。ファイル {data} は通常どおりですが、改変がないことを示せません。
ドア制御が動いていることを「ドア」の画面で確かめ、もう一度書き出してください。

This export carries no proof
============================
The door service did not sign. The file {data} is as usual, but nothing shows that it was not changed.
See on the doors page that the door service is running, then export again.
"""


def how_to_verify(data: str, zip: str) -> bytes:
    return _for_windows(_VERIFY.format(data=data, zip=zip))


def no_proof(data: str) -> bytes:
    return _for_windows(_NO_PROOF.format(data=data))


def _for_windows(text: str) -> bytes:
    """Editors there take a BOM for UTF-8 and want their own line ends."""
    return ("\ufeff" + text.replace("\n", "\r\n")).encode()
