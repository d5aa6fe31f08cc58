"""``python -m geo_service.cli``."""

import sys

from geo_service.cli.main import main

sys.exit(main())
