/** The router of the router bench, which also tells how much it keeps. */
import './heap-report.js';
import '../router/router-process.js';
