"""Lists from other systems: recognised, read, converted to tonnes by item, and what can't be used set apart."""
