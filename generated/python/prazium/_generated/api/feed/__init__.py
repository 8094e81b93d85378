"""The operations of one tag: each module's `call` gives the request."""
