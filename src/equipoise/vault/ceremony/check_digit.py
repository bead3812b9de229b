"""A check digit for numbers that people read aloud, copy and type: Damm's.

It finds every single wrong digit and every swap of two neighbours. H. Michael Damm, Total anti-symmetrische
Quasigruppen, dissertation, Philipps-Universität Marburg 2004; the table is his quasigroup of order 10, checked
against its published example (572 has the check digit 4).
"""

_QUASIGROUP = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def check_digit(digits: str) -> str:
    """Return the check digit of a text of decimal digits."""
    state = 0
    for digit in digits:
        state = int(_QUASIGROUP[state][int(digit)])
    return str(state)


def with_check_digit(prefix: str, digits: str) -> str:
    """Write a number as people see it: `R-48213-7`."""
    return f"{prefix}-{digits}-{check_digit(digits)}"


def has_valid_check_digit(number: str) -> bool:
    """Whether a number such as `R-48213-7` is one that can have been given out."""
    parts = number.split("-")
    return (
        len(parts) == 3
        and bool(parts[0])
        and (parts[1] + parts[2]).isascii()
        and parts[1].isdigit()
        and len(parts[2]) == 1
        and parts[2].isdigit()
        and check_digit(parts[1]) == parts[2]
    )
