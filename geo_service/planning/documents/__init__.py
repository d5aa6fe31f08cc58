"""Reports as documents: titles, sentences and tables in one language, whatever they are written as."""
