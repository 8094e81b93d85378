"""What breaks a client between two bundled contracts: requests may widen, answers may narrow."""
