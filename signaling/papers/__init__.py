"""What the server makes and looks up about papers: the notice of what is missing, and licences that stand for a paper."""
