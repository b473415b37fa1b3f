"""The services themselves, for who has them: `make live`."""
