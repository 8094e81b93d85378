"""The operations of the contract by tag."""
