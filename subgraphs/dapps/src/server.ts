import { serveSubgraph } from '@medigraph/platform/graph';
import { startDAppsSubgraph } from './index.js';

await serveSubgraph('dapps', startDAppsSubgraph);
