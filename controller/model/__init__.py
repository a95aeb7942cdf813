"""Nouns: frozen dataclasses and enums, standard library only. Everything here may be shared by every room."""
