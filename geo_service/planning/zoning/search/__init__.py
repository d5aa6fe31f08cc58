"""The search for good zones: the state with all its sums, moves, annealing, and what combines their finds."""
