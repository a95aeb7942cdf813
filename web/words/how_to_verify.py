"""The sheet in the zip of an export: how to check it at home, in both languages."""

VERIFY_NAME = "HOW-TO-VERIFY.txt"
NO_PROOF_NAME = "NO-PROOF.txt"

_VERIFY = """\
書き出したファイルの検証方法
============================
この ZIP には、入退室記録のファイル {data} と、その証明 {data}.proof が入っています。
1. genkan_verify.py を入手します（Genkan の「ログの証明」のページ、または Genkan の公開ページ）。
   必要なもの：Python 3.9 以上と cryptography（pip install cryptography）。ネットワーク接続は不要です。
2. ログの公開鍵は、設置時に印刷して金庫に保管したものを使います。
   この ZIP やページに書かれた鍵だけを信用しないでください。金庫の鍵と一文字ずつ照合してください。
3. 実行します：
   python genkan_verify.py export {zip} --key 金庫の鍵
4. 結果（終了コード）：
   OK 0           署名後の改変はありません。一部だけの書き出しでは「filtered」と表示されます。
   Tampered 1     改変されています（最初に改変された記録の番号が表示されます）。
   2              使い方の誤り。
   Incomplete 3   記録が欠けています（欠けている番号が表示されます）。
   Cannot tell 4  判断できません（鍵がない、署名がない、別の装置のものなど）。OK とは見なさないでください。

How to verify this export
=========================
This zip holds {data}, a part or all of the entry log, and its proof, {data}.proof.
1. Get genkan_verify.py (page "Proof of the log" of Genkan, or Genkan's release page).
   It needs Python 3.9 or later and cryptography (pip install cryptography), and no network.
2. Use the log's first public key, which was printed at set-up and is kept in the safe.
   Do not trust a key from this zip or from a page: compare it with the key in the safe, letter by letter.
3. Run:
   python genkan_verify.py export {zip} --key THE-KEY-FROM-THE-SAFE
4. The answer and the exit status:
   OK 0           complete and unchanged since it was signed. For a part of the log it says "filtered".
   Tampered 1     something was changed (the first bad record is named).
   2              wrong usage.
   Incomplete 3   records are missing (their numbers are named).
   Cannot tell 4  no key, no signature, another device …: this does not mean OK.
"""

_NO_PROOF = """\
この書き出しには証明がありません
================================
ドア制御が署名しませんでした。ファイル {data} は通常どおりですが、改変がないことを示せません。
ドア制御が動いていることを「ドア」のページで確認し、もう一度書き出してください。

This export has no proof
========================
The door service did not sign. The file {data} is complete, but nothing proves that it is unchanged.
Check on the page "Doors" that the door service is running, then export again.
"""


def how_to_verify(data: str, zip: str) -> bytes:
    return _for_windows(_VERIFY.format(data=data, zip=zip))


def no_proof(data: str) -> bytes:
    return _for_windows(_NO_PROOF.format(data=data))


def _for_windows(text: str) -> bytes:
    """Editors there take a BOM for UTF-8 and want their own line ends."""
    return ("\ufeff" + text.replace("\n", "\r\n")).encode()
