"""Runs every check and test of the project side by side and says where the time went: `python -m tests.lanes`.

`bin/test` makes the environments first. A lane is a list of steps that run one after the other; lanes run at once. Most
tests wait, so there are more processes than processors.
"""
