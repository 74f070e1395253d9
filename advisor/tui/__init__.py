"""The terminal app; the only room with textual."""
