"""From answer to hang-up: who is in a talk, who hears whom, what is asked of it and recorded."""
