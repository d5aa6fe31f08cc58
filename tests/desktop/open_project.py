"""Run by the Python that QGIS belongs to: open a project as QGIS does, draw it, print its page.

Prints as JSON what the layer tree holds, from its top, and how many dots of the map and of the page have
each colour.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsLayoutExporter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor, QImage

PIXELS = 500


def describe(node) -> dict[str, object]:
    layer = node.layer()
    said = {
        "id": node.layerId(),
        "name": node.name(),
        "group": node.parent().name(),
        "visible": node.isVisible(),
        "valid": layer is not None and layer.isValid(),
    }
    if layer is None or not layer.isValid():
        return said
    said |= {
        "provider": layer.dataProvider().name() if layer.dataProvider() else layer.sourceType(),
        "crs": layer.crs().authid(),
        "min_scale": round(layer.minimumScale()) if layer.hasScaleBasedVisibility() else None,
        "source": layer.source(),
    }
    if isinstance(layer, QgsVectorLayer):
        said |= {
            "features": sum(1 for _ in layer.getFeatures()),
            "aliases": {field.name(): field.alias() for field in layer.fields()},
            "widgets": {field.name(): field.editorWidgetSetup().type() for field in layer.fields()},
            "labels": layer.labelsEnabled(),
            "renderer": layer.renderer().type() if layer.renderer() else None,
        }
    return said


def colours(picture: QImage) -> dict[str, int]:
    dots = (picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height()))
    return dict(Counter(dots).most_common(200))


def draw(project: QgsProject, layers: list, path: str) -> dict[str, int]:
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setOutputSize(QSize(PIXELS, PIXELS))
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(QgsMapSettings.Antialiasing, False)
    settings.setDestinationCrs(project.crs())
    settings.setTransformContext(project.transformContext())
    settings.setExtent(project.viewSettings().fullExtent())
    job = QgsMapRendererParallelJob(settings)
    # What comes over the network comes to the main thread.
    waiting = QEventLoop()
    job.finished.connect(waiting.quit)
    job.start()
    waiting.exec_()
    job.renderedImage().save(path)
    return colours(job.renderedImage())


def main(path: str, pictures: str, only: str = "") -> None:
    application = QgsApplication([], False)
    application.initQgis()
    project = QgsProject.instance()
    opened = project.read(path)
    tree = project.layerTreeRoot()
    nodes = tree.findLayers()
    named = only.split(",") if only else []
    shown = [node.layer() for node in nodes if (node.layerId() in named if named else node.isVisible())]
    described = [describe(node) for node in nodes]
    pages = {}
    for layout in project.layoutManager().printLayouts():
        printed = os.path.join(pictures, "page.png")
        settings = QgsLayoutExporter.ImageExportSettings()
        settings.dpi = 100
        settings.exportMetadata = False
        settings.generateWorldFile = False
        QgsLayoutExporter(layout).exportToImage(printed, settings)
        pages[layout.name()] = colours(QImage(printed))
    told = {
        "opened": opened,
        "title": project.title(),
        "crs": project.crs().authid(),
        "tree": described,
        "map": draw(project, [layer for layer in shown if layer], os.path.join(pictures, "map.png")),
        "pages": pages,
    }
    print(json.dumps(told), flush=True)
    # Taken down in order, this QGIS may crash on its way out; what was asked is told by now.
    os._exit(0)


main(*sys.argv[1:])
