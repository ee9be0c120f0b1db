"""What is settled before the app starts: where its files are, how it behaves, who it is."""
