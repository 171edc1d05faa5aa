"""The closed loop over HTTP.

What was done about it, who has it, what is owed? Receives acts of platforms and people whose keys allow them. Gives records
as they are afterwards. Never acts in anybody's name who was not named.
"""
