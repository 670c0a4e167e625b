import { serveSubgraph } from '@medigraph/platform/graph';
import { startClaimsSubgraph } from './index.js';

await serveSubgraph('claims', startClaimsSubgraph);
