"""Run by the Python that QGIS belongs to: open the layers of a GeoPackage as QGIS does, and draw them.

Prints as JSON what QGIS sees of every layer: its style and legend, the headings, the words of coded values,
and how many dots of the picture have each colour.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

PIXELS = 400


def describe(path: str, name: str) -> dict[str, object]:
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setOutputSize(QSize(PIXELS, PIXELS))
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(QgsMapSettings.Antialiasing, False)
    settings.setDestinationCrs(layer.crs())
    extent = layer.extent()
    extent.scale(1.1)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    if len(sys.argv) > 3:
        picture.save(os.path.join(sys.argv[3], f"{name}.png"))
    colours = Counter(picture.pixelColor(x, y).name() for x in range(PIXELS) for y in range(PIXELS))
    renderer = layer.renderer()
    return {
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "renderer": renderer.type() if renderer else None,
        "legend": [item.label() for item in renderer.legendSymbolItems()] if renderer else [],
        "aliases": {field.name(): field.alias() for field in layer.fields()},
        "widgets": {field.name(): field.editorWidgetSetup().type() for field in layer.fields()},
        "colours": dict(colours),
    }


def main() -> None:
    application = QgsApplication([], False)
    application.initQgis()
    print(json.dumps({name: describe(sys.argv[1], name) for name in sys.argv[2].split(",")}))
    application.exitQgis()


main()
