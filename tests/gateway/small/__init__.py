"""A contract of a few operations for what the product's own has none of: an operation that ends."""
