"""The bridge for readers that pcscd drives (RC-S300 and any CCID reader): a card's number, nothing more.

A FeliCa Lite-S cannot prove its key here: its commands would need the reader's own transparent exchange,
which each maker does in another way and no virtual reader does at all.
"""
