"""What the solver may be asked about a draft, and the other zones that it proposes."""
