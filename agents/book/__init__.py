"""Values of a book and their invariants: they cross the swarm, so they are frozen, small and hold no pixels."""
