"""What people want of a method's jobs: the value, who it is for, and where it is published. Says, never does."""
