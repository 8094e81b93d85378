"""The engine moves runs: graphs of tasks, claimed under leases, recorded in one transaction each.

It knows no noun. A kind of run contributes task functions and what happens when a run ends.
"""
