import { serveSubgraph } from '@medigraph/platform/graph';
import { startConsentSubgraph } from './index.js';

await serveSubgraph('consent', startConsentSubgraph);
