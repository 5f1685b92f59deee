"""What the core raises; the edges turn it into an Excel error with the reason."""


class DomainError(ValueError):
    """A value outside what the formula is defined for: a negative demand, a service level of 1.2."""


class ShapeError(ValueError):
    """Arrays that don't fit together: eleven months of orders for twelve of demand."""
