"""Prazium beside its peers, in one run: `scripts/bench NAME`. docs/benchmarks.md says how."""
