"""The clauses that a platform answers for.

Which law, code or pledge asks what of whom, from which moment, by when, and what proves that it was done? Receives
folders of duty packs. Gives a Register of duties, or every mistake of the packs at once; says whether a clause may be
shown as law; gives the clocks that an event starts, statutory and internal ones as different types. Never reads a
clock, and never keeps one: the cases stage does.
"""
