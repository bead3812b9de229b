"""One trial as it runs: its folder, its database, its door, its vault, and what is made of it in the end."""
