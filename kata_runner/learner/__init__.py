"""What belongs to the learner: files, history, plan."""
