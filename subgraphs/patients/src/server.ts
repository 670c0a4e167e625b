import { serveSubgraph } from '@medigraph/platform/graph';
import { startPatientsSubgraph } from './index.js';

await serveSubgraph('patients', startPatientsSubgraph);
