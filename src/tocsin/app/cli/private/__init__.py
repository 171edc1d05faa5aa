"""`tocsin person`, `tocsin hold` and `tocsin seal`: what is held on people, what must stay, and the keys that seal."""
