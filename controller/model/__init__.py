"""Nouns: frozen dataclasses and enums, standard library only. Any room may import them."""
