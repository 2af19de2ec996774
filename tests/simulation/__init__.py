"""Histories of a small organisation, each made from one seed and played on the real write path.

    hub         virtual time and tasks that take turns; the seed says whose turn it is
    faults      which statements of a history go wrong, and how: refused, a connection lost, a process that dies
    place       the databases: a file for each history, or a log for each in one PostgreSQL database
    process     a writer and a runner that share their fate; what they know in memory dies with them
    world       what lies outside: effects by idempotency key, answers late, wrong or not at all
    actors      people, workers, senders of messages, and who helps in the end
    history     one seed played: the disturbed part, then a healed world until nothing is left to do
    judging     what must hold of the log and the world afterwards
    models      the same of undoing, votes, elements, joins, tries, times, messages and runs, by small models
    shrinking   a smaller history that fails as well

    wide        histories that draw everything, with what only they have: `wide_company`, `wide_world`, `wide_actors`,
                `wide_helping`, `wide_judging`, and `agents`, which asks the local agent server over HTTP

`python -m tests.simulation SEED [--wide]` plays one again and tells what happened.
"""
