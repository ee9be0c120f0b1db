"""What `batchtui doctor` looks at: each module judges one subject, from facts it is given."""
