"""Merkle tree, checkpoints and keys of the log (RFC 6962, C2SP)."""
