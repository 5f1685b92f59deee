"""An object of COM, and how its calls are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_excel.errors import com_error

if TYPE_CHECKING:
    from fake_excel.application import Excel


class Com:
    """An object of Excel: ``get_X`` and ``set_X`` stand for its property X, ``do_X`` for its method; each counts."""

    def __init__(self, excel: Excel, **parts: object) -> None:
        self.__dict__.update(excel=excel, **parts)

    def __getattr__(self, name: str):
        if name.startswith(("get_", "set_", "do_", "_")):
            raise AttributeError(name)
        get, do = getattr(type(self), f"get_{name}", None), getattr(type(self), f"do_{name}", None)
        if get is None and do is None:
            raise com_error(f"Member not found: {type(self).__name__}.{name}")
        self.excel.call(f"{type(self).__name__}.{name}")
        return get(self) if get else lambda *args, **named: do(self, *args, **named)

    def __setattr__(self, name: str, value: object) -> None:
        put = getattr(type(self), f"set_{name}", None)
        if put is None:
            raise com_error(f"can't set {type(self).__name__}.{name}")
        self.excel.call(f"{type(self).__name__}.{name} =")
        put(self, value)
