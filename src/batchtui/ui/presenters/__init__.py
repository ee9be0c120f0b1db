"""Pure functions from domain values to what is shown of them."""
