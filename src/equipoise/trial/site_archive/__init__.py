"""The archive of one site for its investigator: readable and to be checked without Equipoise."""
