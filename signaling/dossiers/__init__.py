"""The sealed dossier as files: the key it is sealed with, the PDF to be read, and the package of all of it."""
