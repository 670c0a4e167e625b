import { main } from './program.js';

/** The `medigraph` command where everything is installed and compiled already, as in the image. */
await main(process.argv.slice(2));
