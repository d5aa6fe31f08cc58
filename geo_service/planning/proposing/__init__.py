"""What the solver may be asked about a draft, and what it proposes: other zones, which nobody has accepted yet."""
