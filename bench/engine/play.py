"""`python -m bench.engine.play MODULE ROLE`: one process of a contestant."""

import importlib
import sys

if __name__ == "__main__":
    importlib.import_module(sys.argv[1]).ROLES[sys.argv[2]]()
