"""Graphs of tasks: what waits for what, and what follows when a task ends.

A task waits until its condition holds and is then free for a worker. One that has a form is opened
by the engine itself, in the transaction that unlocks it: a map becomes a task for each item of a
list, a wait rests until its time, a signal or an answer, and a run rests until another run has
ended. What can never run any more is skipped. Rules: docs/graphs.md.
"""
