"""Models and calls, generated from the contract."""
