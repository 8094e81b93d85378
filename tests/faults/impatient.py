"""The commands with little patience for the database: `python -m tests.faults.impatient serve`."""

from db import answers
from scripts.cli import app

PATIENCE_S = 2.0

if __name__ == "__main__":
    answers.ANSWER_S = PATIENCE_S
    app()
