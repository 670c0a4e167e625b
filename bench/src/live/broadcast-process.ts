/** The raw broadcast, which also says how much memory it has. */
import './memory-report.js';
import '../events/broadcast-process.js';
