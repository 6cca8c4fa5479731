"""What is kept of visits, how it is protected, how long, who looked, and how it is deleted."""
