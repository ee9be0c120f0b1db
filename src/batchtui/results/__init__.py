"""Result files on this disk: fetched whole or not at all, indexed, and read line by line."""
