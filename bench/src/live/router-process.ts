/** The router before the clinic, which also says how much memory it has. */
import './memory-report.js';
import '../router/router-process.js';
