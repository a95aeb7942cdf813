"""The log for operators: entries, exports, proofs and changes by operators."""
