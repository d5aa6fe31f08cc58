"""Tables of features written to the file formats GIS and office programs open."""
