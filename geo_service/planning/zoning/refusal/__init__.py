"""Why a community cannot be zoned, and the smallest changes that help."""
