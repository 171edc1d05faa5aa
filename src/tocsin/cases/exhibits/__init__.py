"""The evidence of one case.

What was seen, and where, before anything was taken down? Receives what the store has kept. Gives the files that belong to
a case, who took them and who has looked at them, and everything about the case for others. Never keeps bytes itself.
"""
