"""What the tests share: a private server, real workers in real processes, waiting without sleeping blindly."""
