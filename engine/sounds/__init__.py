"""How sounds are made for the phone: spoken, recorded, at one loudness; what Asterisk plays."""
