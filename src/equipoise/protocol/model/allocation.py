"""How participants come to their arm, and who may know it."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .element import Element, Refers, Text

Role = Literal[
    "participant",
    "investigator",
    "coordinator",
    "assessor",
    "nurse",
    "pharmacist",
    "monitor",
    "data manager",
    "trial statistician",
    "safety board",
    "safety board statistician",
    "laboratory",
    "sponsor",
]


class Randomisation(Element):
    """How the schedule is made (ICH E9 2.3.2; CONSORT 2025 items 17 to 19)."""

    size: int = Field(ge=1, description="Participants to be randomised.")
    method: Literal[
        "complete",
        "random allocation rule",
        "permuted blocks",
        "biased coin",
        "big stick",
        "urn",
        "block urn",
        "maximal procedure",
        "minimisation",
        "not published",
    ]
    block_sizes: tuple[int, ...] = ()
    strata: tuple[Annotated[str, Refers("variable")], ...] = ()
    probability: float | None = Field(
        None, gt=0, le=1, description="Of the preferred arm, where the method has one."
    )
    limit: int | None = Field(None, ge=1, description="Largest imbalance that the method tolerates.")
    balance: Literal["range", "variance"] | None = Field(None, description="Measure used by minimisation.")

    @model_validator(mode="after")
    def _method_has_what_it_needs(self) -> Self:
        if self.method == "permuted blocks" and not self.block_sizes:
            raise ValueError("needs block_sizes for permuted blocks, such as [3, 6]")
        if self.method not in ("permuted blocks", "block urn") and self.block_sizes:
            raise ValueError(f"has block_sizes, which belong to permuted blocks or block urn. Got {self.method}")
        needed = {
            "block urn": ("block_sizes", "one size, such as [6]", len(self.block_sizes) == 1),
            "biased coin": ("probability", "such as 0.67", self.probability is not None),
            "minimisation": ("probability", "such as 0.8", self.probability is not None),
            "big stick": ("limit", "such as 3", self.limit is not None),
            "maximal procedure": ("limit", "such as 3", self.limit is not None),
        }
        field, example, given = needed.get(self.method, ("", "", True))
        if not given:
            raise ValueError(f"needs {field} for {self.method}, {example}")
        if self.method == "minimisation" and not self.strata:
            raise ValueError("needs strata for minimisation, the factors that it balances")
        return self


class Enrolment(Element):
    """Planned numbers of a trial without randomisation: a single arm, or arms filled otherwise."""

    size: int = Field(ge=1)
    per_arm: Mapping[Annotated[str, Refers("arm")], int] = {}
    how: Text | None = Field(None, description="How participants came to their arm.")


class Blinding(Element):
    """Who is kept from knowing the arm, who knows it, and how the blind ends."""

    blinded: tuple[Role, ...] = Field(description="Empty in an open trial.")
    unblinded: tuple[Role, ...] = ()
    emergency: str | None = Field(None, description="Who may break the code of one participant, and how.")
    unblinding: str | None = Field(None, description="When and by whom all codes are opened.")
    masked_after_randomisation: tuple[Annotated[str, Refers("item")], ...] = ()

    @model_validator(mode="after")
    def _a_blind_has_an_end(self) -> Self:
        if both := sorted(set(self.blinded) & set(self.unblinded)):
            raise ValueError(f"names a role both as blinded and as unblinded; keep one. Got {', '.join(both)}")
        if self.blinded and not (self.emergency and self.unblinding):
            raise ValueError("needs `emergency`, how one code is broken, and `unblinding`, when all are")
        return self
