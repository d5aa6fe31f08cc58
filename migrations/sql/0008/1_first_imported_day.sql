-- What reads past row-level security is for the application's role alone, as every other function of its kind is.
REVOKE EXECUTE ON FUNCTION access.first_imported_day(text[]) FROM public;
GRANT EXECUTE ON FUNCTION access.first_imported_day(text[]) TO geo_service_app;
