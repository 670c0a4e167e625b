// Prints the subgraph's SDL; composition reads it.
import { printSchema } from './index.js';

process.stdout.write(printSchema());
