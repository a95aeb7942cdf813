"""People, badges, PINs, card keys and imports."""
