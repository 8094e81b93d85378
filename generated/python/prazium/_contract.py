"""What the client knows of the contract that it was made from."""

VERSION = "1.0.0"
BASE_URL = "http://localhost:3001/v1"
