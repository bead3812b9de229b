"""What safety needs of the vault: stopping rules by arm, the treatment of one case, the arms for the board."""
