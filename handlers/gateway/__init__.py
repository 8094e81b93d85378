"""The road from a socket to a handler: route, authenticate, read, call, write, log."""
