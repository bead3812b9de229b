"""What the vault's own record says of oversight: accounts that were verified, the list that was audited."""

from .said import Said


class AccountsVerified(Said, frozen=True):
    """The unblinded monitor verified kits, lots and preparations; `sealed` holds what was found."""

    sealed: bytes


class ListAudited(Said, frozen=True):
    """The list was made again from the joined shares of both custodians and compared with what is stored."""

    slots: int
    findings: int
