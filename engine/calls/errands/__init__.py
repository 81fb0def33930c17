"""What a flow sends its caller off for: messages, answers, transfers, conferences, recording."""
