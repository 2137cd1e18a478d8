"""The exercise runner behind ./learn: list, next, try, watch, hint, reset, solution, diff, check.

Reading order: catalogue (what exercises there are), skeleton (how they are made from solutions), workspace (the
learner's copy), build and process (compile, run), verdict (what it means), attempt (one exercise from start to end),
commands and watch (what the learner sees), check (what CI demands of the exercises themselves).
"""
