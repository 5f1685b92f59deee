"""What a dataset refuses."""

from __future__ import annotations

from smile_xl.language import Language, SaidError, say


class DatasetError(SaidError):
    """A dataset that can't be read or written as asked; its text stands in the catalogue as ``dataset.<code>``."""

    topic = "dataset"

    def text(self, language: Language) -> str:
        """The text in a language; an error among its values is said in the same one."""
        values = {
            name: value.text(language) if isinstance(value, SaidError) else value for name, value in self.values.items()
        }
        return say(f"dataset.{self.code}", language, **values)
