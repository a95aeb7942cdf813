"""Cards that prove a key of their own: the station that issues them, and the keys of the door."""
