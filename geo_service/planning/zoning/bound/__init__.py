"""How good the best possible zones can be: Lagrangian bounds."""
