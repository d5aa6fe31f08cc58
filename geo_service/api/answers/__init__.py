"""What answers look like, one module a noun."""
