"""Undo: a plan from the journal and the present state; and resuming what was interrupted.

requests.py    what can be asked for          record.py     a change as the journal tells it
history.py     what it did, step by step      facts.py      states judged from what was read
taking.py      what an undo takes away    again.py      how a step of an undo is undone
timeline.py    what will be so while going back, as far as it can be told before
backwards.py   the plan that goes back by the undos of the steps
opposite.py    changes whose opposite is an operation   onwards.py    the rest of a plan
"""
