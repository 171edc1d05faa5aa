"""Personal data in texts.

Does this text say who somebody is? Receives a text, and the entities that the record knows. Gives each place that does:
phone numbers, addresses, identity and bank numbers, accounts, handles. Never says that a text is safe of names: no pattern
knows all names, so texts that leave the house are made of standard sentences.
"""
