"""Small problems decided for certain: a division found, or proof that there is none."""
