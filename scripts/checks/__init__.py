"""What scripts/verify checks. A check is a function that yields one line for each problem."""
