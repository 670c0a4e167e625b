import { serveSubgraph } from '@medigraph/platform/graph';
import { startRecordsSubgraph } from './index.js';

await serveSubgraph('records', startRecordsSubgraph);
