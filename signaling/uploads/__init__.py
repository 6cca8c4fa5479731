"""Files that people hand in: resumed, verified, cleaned in a process of their own, and only then shown to anybody."""
