"""Proof that the tests of this folder see each protection: take one away, they must go red.

`python -m tests.isolation.mutate` makes the mutants from the migrated database's catalogue, the
URL map and the table of rights, so that a new table, endpoint or right has its own the day it
appears. What only reads the catalogue doesn't count: the tests of behaviour have to notice.
"""
