"""The ports of the agents and their implementations, one file each."""
