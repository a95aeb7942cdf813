"""What people type, a file a command; each imports what it needs when it runs, so a door starts fast."""
