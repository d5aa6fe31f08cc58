/** The entry: what the address asks for is fetched together with what all pages share, not after it. */
import { pageAt } from "./pages";

const { load, given } = pageAt(location.pathname);
const [{ start }, page] = await Promise.all([import("./start"), load()]);
start(page.default, given);
