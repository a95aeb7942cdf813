"""The bridge for readers that pcscd drives (RC-S300 and any CCID reader): reads a card's number, nothing
more.

A FeliCa Lite-S can't prove its key here: its commands would need the reader's own transparent exchange, which
differs between makers and which no virtual reader has.
"""
