"""Commands about people: roles and what they may do, access and its review, who participants are."""
