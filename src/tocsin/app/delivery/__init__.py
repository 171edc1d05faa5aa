"""What Tocsin tells others.

Who is told what happened, and have they got it? Receives messages that were written with what happened. Gives signed
webhooks, again and again until they are taken, in order by subject. Never tells the same under two ids, and never speaks
to an address inside the house unless it was allowed to.
"""
