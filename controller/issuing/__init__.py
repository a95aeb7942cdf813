"""Cards that prove a key of their own: the station that issues them, and what the door needs of it."""
