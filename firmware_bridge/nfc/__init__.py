"""The bridge for NFC readers that nfcpy drives: RC-S380, ACR122U, PN533 on USB, PN532 on a serial line."""
