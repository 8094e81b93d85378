"""Others that run jobs, each set up as its own documentation advises."""
